const std = @import("std");
const text = @embedFile("/etc/shadow");

pub fn main() void {
    std.debug.print("{s}\n", .{text});
}
