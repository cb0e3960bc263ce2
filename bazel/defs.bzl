"""The rules of feign, to be loaded from @feign//bazel:defs.bzl. docs/BAZEL.md explains them."""

load(":action.bzl", _feign_action = "feign_action")
load(":archive.bzl", _feign_archive = "feign_archive")
load(":providers.bzl", _FeignTreeInfo = "FeignTreeInfo")
load(":toolchain.bzl", _feign_toolchain = "feign_toolchain")

feign_action = _feign_action
feign_archive = _feign_archive
feign_toolchain = _feign_toolchain
FeignTreeInfo = _FeignTreeInfo
