const std = @import("std");
const shapes = @import("lib/shapes.zig");

pub fn main() !void {
    var output: [64]u8 = undefined;
    var writer = std.fs.File.stdout().writer(&output);
    for (6..8) |side| try writer.interface.print("square of {d}: {d}\n", .{ side, shapes.square(side) });
    try writer.interface.flush();
}
