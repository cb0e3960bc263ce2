package wire

import (
	"errors"

	"google.golang.org/protobuf/proto"

	"github.com/feign-build/feign/plugins"
	pb "github.com/feign-build/feign/plugins/policyv1"
)

// EncodeRuleset returns the message of a ruleset.
func EncodeRuleset(r *plugins.Ruleset) *pb.Ruleset {
	m := &pb.Ruleset{Accounts: r.Accounts, Network: r.Network}
	if r.Root != nil {
		m.Root = &pb.Root{Path: r.Root.Path, Method: r.Root.Method}
	}
	if r.Uname != (plugins.Uname{}) {
		m.Uname = &pb.Uname{Nodename: r.Uname.Nodename}
	}
	if i := r.Identity; i.UID != nil || i.GID != nil || len(i.Groups) > 0 {
		m.Identity = &pb.Identity{Uid: i.UID, Gid: i.GID, Groups: i.Groups}
	}
	m.Binds = each(r.Binds, func(b plugins.Bind) *pb.Bind {
		return &pb.Bind{From: b.From, To: b.To, ReadOnly: b.ReadOnly}
	})
	m.Paths = each(r.Paths, func(p plugins.PathRule) *pb.PathRule {
		return &pb.PathRule{Prefix: p.Prefix, Verdict: pb.Verdict(p.Verdict), Errno: p.Errno}
	})
	m.Dynamic = each(r.Dynamic, func(d plugins.Dynamic) *pb.Dynamic {
		return &pb.Dynamic{Prefix: d.Prefix, Default: pb.Verdict(d.Default)}
	})
	m.Files = encodeFiles(r.Files)
	m.Users = each(r.Users, func(u plugins.User) *pb.User {
		return &pb.User{Name: u.Name, Uid: u.UID, Gid: u.GID, Gecos: u.Gecos, Home: u.Home, Shell: u.Shell, Password: u.Password}
	})
	m.Groups = each(r.Groups, func(g plugins.Group) *pb.Group {
		return &pb.Group{Name: g.Name, Gid: g.GID, Members: g.Members}
	})
	m.Owners = each(r.Owners, func(o plugins.Owner) *pb.Owner {
		return &pb.Owner{Prefix: o.Prefix, Uid: o.UID, Gid: o.GID}
	})
	m.Env = each(r.Env, func(e plugins.Env) *pb.Env {
		return &pb.Env{Name: e.Name, Value: e.Value, Unset: e.Unset}
	})
	m.Errnos = each(r.Errnos, func(e plugins.Errno) *pb.Errno {
		return &pb.Errno{Syscall: e.Syscall, Errno: e.Errno}
	})
	return m
}

func encodeFiles(list []plugins.File) []*pb.File {
	return each(list, func(f plugins.File) *pb.File {
		return &pb.File{Path: f.Path, Data: f.Data, Mode: f.Mode, Uid: f.UID, Gid: f.GID}
	})
}

func decodeFiles(list []*pb.File) []plugins.File {
	return each(list, func(f *pb.File) plugins.File {
		return plugins.File{Path: f.GetPath(), Data: f.GetData(), Mode: f.GetMode(), UID: f.GetUid(), GID: f.GetGid()}
	})
}

// DecodeRuleset returns the ruleset of a message, if it is valid.
func DecodeRuleset(m *pb.Ruleset) (*plugins.Ruleset, error) {
	if m == nil {
		return nil, errors.New("an answer without a ruleset")
	}
	r := &plugins.Ruleset{Accounts: m.GetAccounts(), Network: m.GetNetwork()}
	if root := m.GetRoot(); root != nil {
		r.Root = &plugins.Root{Path: root.GetPath(), Method: root.GetMethod()}
	}
	r.Uname.Nodename = m.GetUname().GetNodename()
	if i := m.GetIdentity(); i != nil {
		r.Identity = plugins.Identity{UID: i.Uid, GID: i.Gid, Groups: i.GetGroups()}
	}
	r.Binds = each(m.GetBinds(), func(b *pb.Bind) plugins.Bind {
		return plugins.Bind{From: b.GetFrom(), To: b.GetTo(), ReadOnly: b.GetReadOnly()}
	})
	r.Paths = each(m.GetPaths(), func(p *pb.PathRule) plugins.PathRule {
		return plugins.PathRule{Prefix: p.GetPrefix(), Verdict: verdict(p.GetVerdict()), Errno: p.GetErrno()}
	})
	r.Dynamic = each(m.GetDynamic(), func(d *pb.Dynamic) plugins.Dynamic {
		return plugins.Dynamic{Prefix: d.GetPrefix(), Default: verdict(d.GetDefault())}
	})
	r.Files = each(m.GetFiles(), func(f *pb.File) plugins.File {
		return plugins.File{Path: f.GetPath(), Data: f.GetData(), Mode: f.GetMode(), UID: f.GetUid(), GID: f.GetGid()}
	})
	r.Users = each(m.GetUsers(), func(u *pb.User) plugins.User {
		return plugins.User{Name: u.GetName(), UID: u.GetUid(), GID: u.GetGid(), Gecos: u.GetGecos(), Home: u.GetHome(),
			Shell: u.GetShell(), Password: u.GetPassword()}
	})
	r.Groups = each(m.GetGroups(), func(g *pb.Group) plugins.Group {
		return plugins.Group{Name: g.GetName(), GID: g.GetGid(), Members: g.GetMembers()}
	})
	r.Owners = each(m.GetOwners(), func(o *pb.Owner) plugins.Owner {
		return plugins.Owner{Prefix: o.GetPrefix(), UID: o.GetUid(), GID: o.GetGid()}
	})
	r.Env = each(m.GetEnv(), func(e *pb.Env) plugins.Env {
		return plugins.Env{Name: e.GetName(), Value: e.GetValue(), Unset: e.GetUnset()}
	})
	r.Errnos = each(m.GetErrnos(), func(e *pb.Errno) plugins.Errno {
		return plugins.Errno{Syscall: e.GetSyscall(), Errno: e.GetErrno()}
	})
	return r, r.Validate()
}

// UnmarshalRuleset reads the bytes of a ruleset message.
func UnmarshalRuleset(b []byte) (*plugins.Ruleset, error) {
	var m pb.Ruleset
	if err := proto.Unmarshal(b, &m); err != nil {
		return nil, err
	}
	return DecodeRuleset(&m)
}

// verdict keeps numbers that are none out of reach of a conversion: they become the zero Verdict, which is not valid.
func verdict(v pb.Verdict) plugins.Verdict {
	if v < 0 || v > pb.Verdict(plugins.Deny) {
		return 0
	}
	return plugins.Verdict(v)
}

func each[A, B any](list []A, f func(A) B) []B {
	if len(list) == 0 {
		return nil
	}
	out := make([]B, len(list))
	for i, a := range list {
		out[i] = f(a)
	}
	return out
}
