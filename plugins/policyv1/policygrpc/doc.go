// Package policygrpc is the gRPC service of policy plugins, as protoc-gen-go-grpc makes it of feign_policy_service.proto. Plugins serve it.
//
// # Locks
//
// No locks.
package policygrpc
