#!/bin/bash
# SPDX-License-Identifier: MIT
# Builds the images of the container tests, each FROM scratch:
#
#   images.sh SOCKET LAUNCHER WORKLOAD DIR
#
# ck-base     launcher, workload, /etc/passwd, /etc/group, the profiles of etc/; no ENTRYPOINT
# ck-root     the same, ENTRYPOINT with root.ini (stays uid 0)
# ck-user     the same, ENTRYPOINT with user.ini (becomes a user)
# ck-default  the same with /etc/capkeep/default.ini, ENTRYPOINT without -p
# ck-judged   the same with profiles that nobody should trust
# ck-nginx    Debian's nginx under the shipped profiles/nginx.ini
# ck-filter   the same with redis, a shell and cat, and profiles with [seccomp]
set -euo pipefail

[ $# -eq 4 ] || { echo "usage: images.sh SOCKET LAUNCHER WORKLOAD DIR" >&2; exit 2; }
socket=$1 launcher=$2 workload=$3 dir=$4
here=$(cd "${0%/*}" && pwd)
profiles=$here/../../profiles
helpers=${CK_HELPERS:?}
docker=/usr/bin/docker
[ -x "$docker" ] || docker=docker

# build NAME CONTEXT, the Dockerfile on standard input
build()
{
	cat >"$2/Dockerfile"
	DOCKER_BUILDKIT=0 "$docker" --host "unix://$socket" build --force-rm -q -t "$1" "$2"
}

base()
{
	local root=$dir/base/root

	mkdir -p "$root"/{etc/capkeep,usr/bin,home/app,work,odd}
	install -m 755 "$launcher" "$root/usr/bin/capkeep"
	install -m 755 "$workload" "$root/workload"
	install -m 644 "$workload" "$root/odd/not-executable"
	printf '#!/no/such/interpreter\n' >"$root/odd/no-interpreter"
	printf 'neither ELF nor script\n' >"$root/odd/no-format"
	chmod 755 "$root/odd/no-interpreter" "$root/odd/no-format"
	install -m 644 "$here"/etc/*.ini "$root/etc/capkeep"
	rm "$root/etc/capkeep/default.ini"
	printf '%s\n' root:x:0:0:root:/root:/bin/sh app:x:1234:1234::/home/app:/bin/sh \
		>"$root/etc/passwd"
	printf '%s\n' root:x:0: app:x:1234: extra:x:2345:app other:x:3456: >"$root/etc/group"
	build ck-base "$dir/base" <<-'EOF'
		FROM scratch
		COPY root/ /
		ENV PATH=/usr/bin:/
	EOF
}

entrypoints()
{
	local context=$dir/entrypoints

	mkdir -p "$context"
	install -m 644 "$here/etc/default.ini" "$here/etc/bind.ini" "$context"
	install -m 646 "$here/etc/bind.ini" "$context/writable.ini"
	build ck-root "$context" <<-'EOF'
		FROM ck-base
		ENTRYPOINT ["/usr/bin/capkeep", "-p", "/etc/capkeep/root.ini", "--", "/workload"]
	EOF
	build ck-user "$context" <<-'EOF'
		FROM ck-base
		ENTRYPOINT ["/usr/bin/capkeep", "-p", "user", "--", "/workload"]
	EOF
	build ck-default "$context" <<-'EOF'
		FROM ck-base
		COPY default.ini /etc/capkeep/
		ENTRYPOINT ["/usr/bin/capkeep", "--", "/workload"]
		CMD ["wait"]
	EOF
	build ck-judged "$context" <<-'EOF'
		FROM ck-base
		COPY --chown=1000:0 bind.ini /etc/capkeep/foreign.ini
		COPY writable.ini /etc/capkeep/
	EOF
}

nginx_image()
{
	local root=$dir/nginx/root nginx=/usr/sbin/nginx library

	mkdir -p "$root"/{etc/capkeep,etc/nginx,usr/bin,usr/sbin,run,srv,var/lib/nginx,var/log/nginx}
	install -m 755 "$launcher" "$root/usr/bin/capkeep"
	install -m 755 "$nginx" "$root/usr/sbin/nginx"
	ldd "$nginx" | grep -o '/[^ ]*' | while read -r library; do
		install -D -m 755 "$library" "$root$library"
	done
	install -m 644 "$profiles"/*.ini "$root/etc/capkeep"
	install -m 644 "$here/nginx.conf" "$root/etc/nginx/nginx.conf"
	# as a user from the start: nothing to become, and docker's pipes are not his to open by name
	sed '/^user /d; s/access_log .*/access_log off;/; s|^pid .*|pid /var/lib/nginx/body/pid;|' "$here/nginx.conf" \
		>"$root/etc/nginx/user.conf"
	printf '%s\n' root:x:0:0:root:/root:/bin/sh \
		www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin >"$root/etc/passwd"
	printf '%s\n' root:x:0: www-data:x:33: >"$root/etc/group"
	echo served >"$root/srv/index.html"
	mkdir -p "$dir/nginx/temporary"/{body,proxy,fastcgi,uwsgi,scgi}
	build ck-nginx "$dir/nginx" <<-'EOF'
		FROM scratch
		COPY root/ /
		COPY --chown=33:33 temporary/ /var/lib/nginx/
		STOPSIGNAL QUIT
		ENTRYPOINT ["/usr/bin/capkeep", "-p", "/etc/capkeep/nginx.ini", "--"]
		CMD ["/usr/sbin/nginx", "-g", "daemon off;"]
	EOF
}

# program FILE ROOT: with the libraries that it is linked with
program()
{
	local library

	install -D -m 755 "$1" "$2$1"
	ldd "$1" | grep -o '/[^ ]*' | while read -r library; do
		install -D -m 755 "$library" "$2$library"
	done
}

filter_image()
{
	local root=$dir/filter/root file

	mkdir -p "$root"/{etc/capkeep,usr/bin,tmp}
	for file in /usr/bin/redis-server /bin/sh /bin/cat; do
		program "$file" "$root"
	done
	install -m 755 "$helpers/call" "$root/usr/bin/call"
	if [ -x "${CAPKEEPCTL:-}" ]; then
		program "$CAPKEEPCTL" "$root"
		ln -s "$CAPKEEPCTL" "$root/usr/bin/capkeepctl"
	fi
	install -d -m 777 "$root/work"
	cat >"$root/etc/capkeep/filter.ini" <<-'EOF'
		[capabilities]
		keep = none
		[process]
		user = unchanged
		[seccomp]
		base = @service
		caps = follow
		default = kill
	EOF
	sed 's/^base .*/mode = off/' "$root/etc/capkeep/filter.ini" >"$root/etc/capkeep/filter-off.ini"
	sed 's/^user .*/&\nno-new-privs = no/' "$root/etc/capkeep/filter.ini" \
		>"$root/etc/capkeep/filter-thread.ini"
	{
		printf '%s\n' '[profile]' 'include = nginx'
		sed -n '/^.seccomp/,$p' "$root/etc/capkeep/filter.ini"
	} >"$root/etc/capkeep/filter-nginx.ini"
	chmod 644 "$root"/etc/capkeep/*.ini
	build ck-filter "$dir/filter" <<-'EOF'
		FROM ck-nginx
		COPY root/ /
		ENTRYPOINT []
	EOF
}

base
entrypoints
nginx_image
filter_image
rm -rf "$dir"
