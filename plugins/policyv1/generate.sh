#!/bin/sh
# Makes feign_policy.pb.go of feign_policy.proto, and policygrpc/feign_policy_service*.pb.go of policygrpc/feign_policy_service.proto. It needs protoc, as Debian's
# protobuf-compiler has it.
set -eu
cd "$(dirname "$0")"
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
GOBIN=$bin go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
GOBIN=$bin go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.2
PATH=$bin:$PATH
protoc --go_out=. --go_opt=paths=source_relative feign_policy.proto
protoc -I. -Ipolicygrpc --go_out=policygrpc --go_opt=paths=source_relative --go-grpc_out=policygrpc \
	--go-grpc_opt=paths=source_relative feign_policy_service.proto
