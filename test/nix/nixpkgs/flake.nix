{
  description = "stands for nixpkgs where it cannot be had";
  outputs = { self }: { };
}
