"""What the rules tell each other."""

FeignInfo = provider(
    doc = "The program of a toolchain.",
    fields = {
        "executable": "File: feign.",
        "files": "FilesToRunProvider: feign, for the tools of an action.",
    },
)

FeignTreeInfo = provider(
    doc = "A tree and what is claimed about it. The tree alone says neither owners nor modes nor types.",
    fields = {
        "manifest": "File: what feign claims about each path, and the digest of each file.",
        "tree": "File: a directory with the contents of the files.",
    },
)
