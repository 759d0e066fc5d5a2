internal import LinuxSystem

/// Ends the sandboxes of a dead warden one lot after the other (why: `EndLot`). Blocks between them.
struct EndPace {
    private let pause: (Int32) -> Void
    private var count = 0

    init(pause: @escaping (Int32) -> Void) {
        self.pause = pause
    }

    /// To be called before each end.
    mutating func next() {
        if count > 0, count % EndLot.size == 0 { pause(EndLot.milliseconds) }
        count += 1
    }
}
