// Package transport speaks the protocol of hashicorp/go-plugin, without its code and gRPC's: what both do when they are
// imported would make every start of feign 1.5 ms longer, and the binary twice as large. What is needed of them is little: a line on
// standard output that says where the plugin listens, TLS with a certificate on each side, made for one start (AutoMTLS), and unary
// calls of gRPC over HTTP/2, which net/http has. The tests run both ends against the real go-plugin.
//
// # Locks
//
// No locks of its own. A Client may be used by several goroutines.
package transport

// What feign's plugins say to each other before the first call. The cookie keeps a user from starting a plugin by hand; it
// is not a secret.
const (
	CookieKey   = "FEIGN_PLUGIN"
	CookieValue = "6f9b1e0c7d5a42f3b8e4c91a0d7f6352e8b4a9c7135d0f2e6a8c4b9d1f7e3052"
	// Version is the version of the messages: of package policyv1.
	Version = 1
	// coreVersion is the version of go-plugin's own protocol.
	coreVersion = 1
)

// MaxMessage is the greatest length of a message in bytes.
const MaxMessage = 32 << 20

// The calls, as HTTP/2 paths.
const (
	service      = "/feign.policy.v1.Policy/"
	CallDescribe = service + "Describe"
	CallCompile  = service + "Compile"
	CallResolve  = service + "Resolve"
	CallFinish   = service + "Finish"
	// Go-plugin's own.
	callShutdown = "/plugin.GRPCController/Shutdown"
	callHealth   = "/grpc.health.v1.Health/Check"
)
