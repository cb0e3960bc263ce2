// Package plugins is how somebody else says what an action is to see: policies, as data.
//
// # Promise
//
// A policy is asked before the action starts, and answers with a [Ruleset]: directories and files at other places, paths that
// are hidden, denied or reported, users and groups, owners, the identity and environment that the action starts with. While the
// action runs no policy is called, unless it asked for that with [Ruleset.Dynamic]. The same rules have the same
// canonical text and digest, whoever they come from; it stands in the header of manifests.
//
// The messages ([Version 1]) are stable: a plugin that works with this version works with later ones.
//
// # In a nutshell
//
//	type policy struct{}
//
//	func (policy) Describe(context.Context) (plugins.Info, error) {
//		return plugins.Info{Name: "stamp", Version: "1", Kinds: []plugins.Kind{plugins.KindEnv}}, nil
//	}
//
//	func (policy) Compile(_ context.Context, b plugins.Build) (*plugins.Ruleset, error) {
//		return &plugins.Ruleset{Env: []plugins.Env{{Name: "STAMP", Value: "1"}}}, nil
//	}
//
//	func main() { serve.Main(policy{}) } // package plugins/serve
//
// Package plugintest tests a policy in the process and as a plugin; `feign plugin check` tests a program; docs/PLUGINS.md has the
// whole way. The packages chroot, passwd and inputs are the policies that ship.
//
// # Locks
//
// No locks: everything here is data. The methods of a policy are called one at a time.
//
// [Version 1]: https://github.com/feign-build/feign/blob/main/plugins/policyv1/feign_policy.proto
package plugins
