// Package policyv1 has the messages between feign and a policy plugin, as protoc-gen-go makes them of feign_policy.proto. The service
// itself is package policygrpc, apart: only plugins need gRPC, and feign would start 1.5 ms later with it.
//
// # Locks
//
// No locks.
package policyv1

//go:generate ./generate.sh
