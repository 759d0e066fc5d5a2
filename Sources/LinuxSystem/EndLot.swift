internal import CLinux

/// How many sandboxes may be ended how fast: with each the kernel gets a system-call filter to free, on a work queue that
/// holds 1,024 of them at a time and waits for itself for ever when it is full of them.
package enum EndLot {
    package static var size: Int { Int(NESTBOX_END_LOT) }
    /// From one lot to the next.
    package static var milliseconds: Int32 { Int32(NESTBOX_END_PAUSE) }
}
