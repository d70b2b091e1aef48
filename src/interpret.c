/* SPDX-License-Identifier: MIT */
/*
 * interpret.c - runs a classic BPF program over a call, as the kernel would.
 *
 * Knows the whole instruction set that seccomp(2) takes (net/core/filter.c and
 * kernel/seccomp.c of Linux), not only what our compiler writes, so that other people's
 * filters can be judged too.
 */
#include <errno.h>
#include <string.h>

#include "capkeep.h"

#define CLASS(code) ((code)&0x07U)
#define MODE(code) ((code)&0xe0U)
#define OPERATION(code) ((code)&0xf0U)
#define FROM_X(code) (((code)&0x08U) != 0)

enum { LD, LDX, ST, STX, ALU, JMP, RET, MISC };
enum { IMM = 0x00, ABS = 0x20, MEM = 0x60, LEN = 0x80 };
#define CELLS 16

struct machine {
	uint32_t a, x, cells[CELLS];
	unsigned int loaded; /* bit N: a word of argument N was read */
};

static bool load(struct machine *machine, const struct ck_insn *insn,
		 const struct ck_call_data *data)
{
	uint32_t *target = CLASS(insn->code) == LD ? &machine->a : &machine->x;

	switch (MODE(insn->code)) {
	case IMM:
		*target = insn->k;
		return true;
	case ABS:
		if (insn->k > sizeof(*data) - 4 || insn->k % 4 != 0)
			return false;
		memcpy(target, (const char *)data + insn->k, 4);
		if (insn->k >= CK_DATA_LOW(0))
			machine->loaded |= 1U << (insn->k - CK_DATA_LOW(0)) / 8;
		return true;
	case MEM:
		if (insn->k >= CELLS)
			return false;
		*target = machine->cells[insn->k];
		return true;
	case LEN:
		*target = sizeof(*data);
		return true;
	default:
		return false;
	}
}

static bool store(struct machine *machine, const struct ck_insn *insn)
{
	if (insn->k >= CELLS)
		return false;
	machine->cells[insn->k] = CLASS(insn->code) == ST ? machine->a : machine->x;
	return true;
}

/* A division by zero ends the program with 0; ret false then. */
static bool calculate(struct machine *machine, const struct ck_insn *insn)
{
	uint32_t operand = FROM_X(insn->code) ? machine->x : insn->k;
	uint32_t a = machine->a;

	switch (OPERATION(insn->code)) {
	case 0x00:
		a += operand;
		break;
	case 0x10:
		a -= operand;
		break;
	case 0x20:
		a *= operand;
		break;
	case 0x30:
		if (operand == 0)
			return false;
		a /= operand;
		break;
	case 0x40:
		a |= operand;
		break;
	case 0x50:
		a &= operand;
		break;
	case 0x60:
		a <<= operand & 31U;
		break;
	case 0x70:
		a >>= operand & 31U;
		break;
	case 0x80:
		a = 0 - a;
		break;
	case 0xa0:
		a ^= operand;
		break;
	default:
		return false;
	}
	machine->a = a;
	return true;
}

/* How many instructions a jump leaves out. */
static bool jump(const struct machine *machine, const struct ck_insn *insn, size_t *ret)
{
	uint32_t operand = FROM_X(insn->code) ? machine->x : insn->k;
	bool met;

	switch (OPERATION(insn->code)) {
	case 0x00:
		*ret = insn->k;
		return true;
	case 0x10:
		met = machine->a == operand;
		break;
	case 0x20:
		met = machine->a > operand;
		break;
	case 0x30:
		met = machine->a >= operand;
		break;
	case 0x40:
		met = (machine->a & operand) != 0;
		break;
	default:
		return false;
	}
	*ret = met ? insn->jt : insn->jf;
	return true;
}

static bool step(struct machine *machine, const struct ck_insn *insn,
		 const struct ck_call_data *data, size_t *ret_skip)
{
	*ret_skip = 0;
	switch (CLASS(insn->code)) {
	case LD:
	case LDX:
		return load(machine, insn, data);
	case ST:
	case STX:
		return store(machine, insn);
	case ALU:
		return calculate(machine, insn);
	case JMP:
		return jump(machine, insn, ret_skip);
	case MISC:
		if ((insn->code & 0x80U) != 0)
			machine->a = machine->x;
		else
			machine->x = machine->a;
		return true;
	default:
		return false;
	}
}

int ck_interpret(const struct ck_insn *code, size_t count,
		 const struct ck_call_data *data, uint32_t *ret, unsigned int *ret_loaded)
{
	struct machine machine = { 0, 0, { 0 }, 0 };
	size_t skip;

	for (size_t i = 0; i < count; i += 1 + skip) {
		if (CLASS(code[i].code) == RET) {
			*ret = (code[i].code & 0x18U) == 0x10U ? machine.a : code[i].k;
			if (ret_loaded != NULL)
				*ret_loaded = machine.loaded;
			return 0;
		}
		if (!step(&machine, &code[i], data, &skip))
			return -EINVAL;
	}
	return -EINVAL;
}

int ck_interpret_check(const struct ck_insn *code, size_t count)
{
	if (count == 0 || count > CK_PROGRAM_MAX || CLASS(code[count - 1].code) != RET)
		return -EINVAL;
	for (size_t i = 0; i < count; i++) {
		size_t left = count - i - 1;

		if (CLASS(code[i].code) != JMP)
			continue;
		if (OPERATION(code[i].code) == 0 ?
			    code[i].k >= left :
			    code[i].jt >= left || code[i].jf >= left)
			return -EINVAL;
	}
	return 0;
}
