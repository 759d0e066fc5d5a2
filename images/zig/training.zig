//! Compiled once when the root is made, so that the cache holds what most programs need of the standard library.
const std = @import("std");

pub fn main() !void {
    var memory: std.heap.GeneralPurposeAllocator(.{}) = .init;
    defer _ = memory.deinit();
    const allocator = memory.allocator();

    var input: [1024]u8 = undefined;
    var reader = std.fs.File.stdin().reader(&input);
    const word = try reader.interface.takeDelimiterExclusive('\n');

    var parts: std.StringHashMap(u32) = .init(allocator);
    defer parts.deinit();
    try parts.put("a", 20);
    try parts.put("b", 22);
    var list: std.ArrayList(u32) = .empty;
    defer list.deinit(allocator);
    var values = parts.valueIterator();
    while (values.next()) |value| try list.append(allocator, value.*);
    std.mem.sort(u32, list.items, {}, std.sort.asc(u32));

    var random: std.Random.DefaultPrng = .init(42);
    _ = random.random().int(u8);
    const thread = try std.Thread.spawn(.{}, add, .{list.items});
    thread.join();

    var sum: u32 = 0;
    for (list.items) |value| sum += value;
    var output: [1024]u8 = undefined;
    var writer = std.fs.File.stdout().writer(&output);
    try writer.interface.print("{d} {s}\n", .{ sum, word });
    try writer.interface.flush();
    if (sum != 42) std.debug.panic("{d} is not 42", .{sum});
}

fn add(values: []u32) void {
    for (values) |value| std.debug.assert(value < 100);
}
