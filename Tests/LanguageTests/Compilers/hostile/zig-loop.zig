pub fn main() void {
    comptime {
        @setEvalBranchQuota(4_000_000_000);
        var n: u64 = 0;
        while (true) n +%= 1;
    }
}
