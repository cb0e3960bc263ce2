package cred

import "testing"

func TestOther(t *testing.T) {
	const (
		signals = 1 << iota
		schedules
		ranks
		limits
		traces
		nothing = 0
		all     = signals | schedules | ranks | limits | traces
	)
	user := func(uid, gid uint32) *Cred { return Login(uid, gid, nil, 40) }
	ids := func(r, e, s uint32) *Cred {
		return user(r, 7).with(func(n *State) { n.EUID, n.SUID, n.FSUID = e, s, e })
	}
	can := func(caps ...Cap) *Cred { return user(5, 7).with(func(n *State) { n.Effective = CapsOf(caps...) }) }
	root := Root(40)
	for _, c := range []struct {
		name       string
		who, whom  *Cred
		undumpable bool
		may        int
	}{
		{"root", root, user(5, 7), false, all},
		{"root, what is not to be dumped", root, user(5, 7), true, all},
		{"the same user", user(5, 7), user(5, 7), false, all},
		{"the same user, what is not to be dumped", user(5, 7), user(5, 7), true, all &^ traces},
		{"the same user of another group", user(5, 7), user(5, 8), false, signals | schedules | ranks},
		{"the same user with capabilities", user(5, 7), user(5, 7).with(func(n *State) { n.Permitted = CapsOf(CAP_CHOWN) }), false, all &^ traces},
		{"another user", user(5, 7), user(6, 7), false, nothing},
		{"root, by a user", user(5, 7), root, false, nothing},
		{"a set-uid program that the user runs", user(5, 7), ids(5, 6, 6), false, signals | schedules | ranks},
		{"who was the user once", user(5, 7), ids(6, 6, 5), false, signals},
		{"who acts as the user", user(5, 7), ids(6, 5, 6), false, schedules},
		{"by a set-uid program", ids(5, 6, 6), user(6, 7), false, signals | schedules | ranks},
		{"by a set-uid program, its user's", ids(5, 6, 6), user(5, 7), false, signals | ranks | limits | traces},
		{"CAP_KILL", can(CAP_KILL), user(6, 7), false, signals},
		{"CAP_SYS_NICE", can(CAP_SYS_NICE), user(6, 7), false, schedules | ranks},
		{"CAP_SYS_RESOURCE", can(CAP_SYS_RESOURCE), user(6, 7), false, limits},
		{"CAP_SYS_PTRACE", can(CAP_SYS_PTRACE), user(6, 7), true, traces},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, p := range []struct {
				bit  int
				name string
				may  bool
			}{
				{signals, "MayKill", c.who.MayKill(c.whom)},
				{schedules, "MaySchedule", c.who.MaySchedule(c.whom)},
				{ranks, "MayRank", c.who.MayRank(c.whom)},
				{limits, "MayLimit", c.who.MayLimit(c.whom)},
				{traces, "MayTrace", c.who.MayTrace(c.whom, c.undumpable)},
			} {
				if want := c.may&p.bit != 0; p.may != want {
					t.Errorf("%s: %v, want %v", p.name, p.may, want)
				}
			}
		})
	}
}
