# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # options, command, wanted, silent are for lib.bash
# The programs that learn is tested with, and what each needs.

all_cases=(nothing read read_override fsetid kill_other nginx_logs nginx_fresh apache apache_page
	redis redis_drop ping tcpdump dnsmasq cron daemons stubborn
	late forks spins restless)

case_nothing()
{
	command=(/bin/true)
	wanted=none
}

case_read()
{
	echo secret >"$D/file"
	chown 33 "$D/file"
	chmod 600 "$D/file"
	command=(/bin/cat "$D/file")
	wanted=DAC_READ_SEARCH
}

case_read_override()
{
	echo secret >"$D/file"
	chown 33 "$D/file"
	chmod 600 "$D/file"
	command=(/bin/sh -c "cat $D/file && echo more >>$D/file")
	wanted=DAC_OVERRIDE
}

# Nothing is refused: the kernel takes the bit away.
case_fsetid()
{
	options=(--setup "rm -f $D/file && touch $D/file && chgrp 33 $D/file")
	command=(/bin/sh -c "chmod 2755 $D/file && test -g $D/file")
	wanted=FSETID
	silent=FSETID
}

case_kill_other()
{
	options=(--setup "setpriv --reuid 33 --clear-groups sleep 1000 & echo \$! >$D/pid")
	command=(/bin/sh -c "sleep 0.2; kill \$(cat $D/pid)")
	wanted=KILL
}

nginx_configuration()
{
	local one

	mkdir "$D/log" "$D/tmp"
	{
		echo "user www-data; worker_processes 2; pid $D/pid; events { }"
		echo "http { access_log $D/log/access.log; error_log $D/log/error.log;"
		for one in client_body proxy fastcgi uwsgi scgi; do
			echo "${one}_temp_path $D/tmp/$one;"
		done
		echo "server { listen 80; location / { return 200 ok; } } }"
	} >"$D/nginx.conf"
	options=(--check 'curl -fsS http://127.0.0.1/')
	command=(nginx -c "$D/nginx.conf" -e "$D/log/error.log" -g 'daemon off;')
}

# As Debian's package has it: root opens logs that belong to www-data.
case_nginx_logs()
{
	needs nginx curl
	nginx_configuration
	install -d -o www-data -m 700 "$D"/tmp/{client_body,proxy,fastcgi,uwsgi,scgi}
	touch "$D"/log/{access,error}.log
	chown www-data "$D"/log/*
	chmod 640 "$D"/log/*
	wanted='DAC_OVERRIDE NET_BIND_SERVICE SETGID SETUID'
}

# The master makes the directories and gives them to the workers.
case_nginx_fresh()
{
	needs nginx curl
	nginx_configuration
	options+=(--setup "rm -rf $D/tmp $D/log && mkdir $D/tmp $D/log")
	wanted='CHOWN NET_BIND_SERVICE SETGID SETUID'
}

apache_configuration()
{
	local modules=/usr/lib/apache2/modules

	mkdir "$D/www" "$D/log"
	echo ok >"$D/www/index.html"
	cat >"$D/apache.conf" <<-END
		ServerRoot $D
		ServerName localhost
		PidFile $D/pid
		DefaultRuntimeDir $D
		ErrorLog $D/log/error.log
		LoadModule mpm_event_module $modules/mod_mpm_event.so
		LoadModule authz_core_module $modules/mod_authz_core.so
		LoadModule dir_module $modules/mod_dir.so
		User www-data
		Group www-data
		StartServers 1
		Listen 80
		DocumentRoot $D/www
		<Directory $D/www>
		Require all granted
		</Directory>
	END
	command=(apache2 -f "$D/apache.conf" -D FOREGROUND)
	wanted='NET_BIND_SERVICE SETGID SETUID'
}

case_apache()
{
	needs apache2 curl pgrep
	apache_configuration
	options=(--check "curl -fsS http://127.0.0.1/ && pgrep -u www-data -P \$(cat $D/pid)")
}

# Without SETUID it serves as root: the page alone does not tell.
case_apache_page()
{
	needs apache2 curl
	apache_configuration
	options=(--check 'curl -fsS http://127.0.0.1/')
}

case_redis()
{
	needs redis-server redis-cli
	mkdir "$D/data"
	options=(--check 'redis-cli -p 7301 ping | grep -q PONG')
	command=(redis-server --port 7301 --dir "$D/data" --save '')
	wanted=none
}

# As the entry point of the image has it.
case_redis_drop()
{
	needs redis-server redis-cli setpriv
	cat >"$D/entry" <<-END
		#!/bin/sh
		set -e
		chown redis:redis $D/data
		exec setpriv --reuid redis --regid redis --init-groups \\
			redis-server --port 7301 --dir $D/data --save ''
	END
	chmod 755 "$D/entry"
	options=(--setup "rm -rf $D/data; mkdir $D/data" --check 'redis-cli -p 7301 ping | grep -q PONG')
	command=("$D/entry")
	wanted='CHOWN SETGID SETUID'
}

case_ping()
{
	needs ping
	command=(ping -c 1 -W 1 127.0.0.1)
	wanted=NET_RAW
}

case_tcpdump()
{
	needs tcpdump ping
	options=(--setup "rm -f $D/file"
		--check "ping -c 1 -W 1 127.0.0.1 >/dev/null && test \$(stat -c %s $D/file) -gt 24")
	command=(tcpdump -i lo -U -w "$D/file")
	wanted='CHOWN NET_RAW SETGID SETUID'
}

case_dnsmasq()
{
	needs dnsmasq
	options=(--check "grep -q ' 0100007F:0035 ' /proc/net/tcp")
	command=(dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts
		--user=nobody --listen-address=127.0.0.1 --bind-interfaces "--pid-file=$D/pid")
	wanted='NET_BIND_SERVICE SETGID SETUID'
}

# A job of another user's, once at the start.
case_cron()
{
	needs cron
	mkdir "$D/cron.d" "$D/out"
	chmod 777 "$D/out"
	inside=(sh -c 'mount --bind "$0" /etc/cron.d && mount -t tmpfs tmpfs /var/spool/cron &&
		mkdir -m 1730 /var/spool/cron/crontabs && exec "$@"' "$D/cron.d")
	echo "@reboot nobody touch $D/out/ran" >"$D/cron.d/job"
	options=(--setup "rm -f $D/out/ran /run/crond.*" --check "test -e $D/out/ran")
	command=(cron -f)
	wanted='SETGID SETUID'
}

# Only one of them can be there: one that is left of another run would bar the next.
case_daemons()
{
	cat >"$D/daemon" <<-END
		#!/bin/sh
		[ "\$1" != inner ] || exec flock -n $D/lock sh -c \
			"cat $D/file >$D/out/read; exec sleep 1000"
		setsid $D/daemon inner &
	END
	chmod 755 "$D/daemon"
	mkdir "$D/out"
	echo secret >"$D/file"
	chown 33 "$D/file"
	chmod 600 "$D/file"
	options=(--setup "rm -f $D/out/read" --check "test -s $D/out/read")
	command=("$D/daemon")
	wanted=DAC_READ_SEARCH
}

case_stubborn()
{
	options=(--setup "rm -f $D/up" --check "test -e $D/up")
	command=(/bin/sh -c "trap '' TERM INT; touch $D/up; while :; do sleep 0.05; done")
	wanted=none
}

# It serves long before it becomes who it wants to be.
case_late()
{
	options=(--setup "rm -f $D/up" --check "test -e $D/up")
	command=(/bin/sh -c "touch $D/up; i=0; while [ \$i -lt 300000 ]; do i=\$((i + 1)); done
		exec setpriv --reuid 33 --regid 33 --clear-groups sleep 1000")
	wanted='SETGID SETUID'
}

# The same, by many short programs: whenever one is looked at, its parent rests.
case_forks()
{
	options=(--setup "rm -f $D/up" --check "test -e $D/up")
	command=(/bin/sh -c "touch $D/up; for i in \$(seq 400); do /bin/true; done
		exec setpriv --reuid 33 --regid 33 --clear-groups sleep 1000")
	wanted='SETGID SETUID'
}

# It computes for ever where it cannot become who it wants to be.
case_spins()
{
	options=(--setup "rm -f $D/up" --check "test -e $D/up")
	command=(/bin/sh -c "touch $D/up; i=0; while [ \$i -lt 100000 ]; do i=\$((i + 1)); done
		setpriv --reuid 33 --regid 33 --clear-groups sleep 1000 || while :; do :; done")
	wanted='SETGID SETUID'
}

# It computes for ever.
case_restless()
{
	options=(--setup "rm -f $D/up" --check "test -e $D/up")
	command=(/bin/sh -c "touch $D/up; while :; do :; done")
	wanted=none
}
