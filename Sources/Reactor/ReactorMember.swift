/// Something that lives on the thread of a `Reactor`: it is made there, has its turns there, and is released there. It needs no lock
/// for what is its own.
package protocol ReactorMember: AnyObject {
    /// Does what there is to do now: a descriptor is ready, the moment of its deadline has come, or somebody has woken it.
    ///
    /// Must not block, and must not take long: all other members wait meanwhile. So it reads a bounded number of bytes and comes back
    /// for the rest. A turn may come without a cause.
    ///
    /// - Parameter ready: which of the watched descriptors are ready, each named once.
    /// - Returns: all that it waits for from now on; nil when it has ended, and then it gets no further turn.
    func turn(ready: [ReadyDescriptor]) -> ReactorInterest?
}

/// A descriptor, and what poll(2) would say of it.
package struct ReadyDescriptor: Sendable, Equatable {
    package let number: Int32
    /// POLL* bits. POLLERR, POLLHUP and POLLNVAL may be among them although nobody has asked for them.
    package let events: Int16

    package init(number: Int32, events: Int16) {
        self.number = number
        self.events = events
    }
}

/// What a member waits for. Without a descriptor and a deadline it waits to be woken.
package struct ReactorInterest: Sendable {
    struct Watched: Sendable, Equatable {
        let number: Int32
        /// Tells a descriptor from an earlier one of the same number.
        let epoch: Int
        var events: Int16
    }

    private(set) var watched: [Watched] = []
    /// Nanoseconds of the monotonic clock.
    package private(set) var deadline: Int64?

    package init() {}

    /// Waits for events of poll(2) on a descriptor, for as long as they last (level-triggered). Its hang-up and its errors are
    /// told in any case: who does not care for them must not name the descriptor. Named twice, it is watched for both.
    ///
    /// One member at a time can watch a descriptor. Its number may be closed at any time between two turns or during one, when
    /// the next interest names it no more, or with another epoch.
    ///
    /// - Parameters:
    ///   - number: is ignored when it is negative.
    ///   - epoch: anything that changes when the same number may stand for another open file than in the interest before.
    package mutating func watch(_ number: Int32, _ events: Int16, epoch: Int = 0) {
        guard number >= 0 else { return }
        if let index = watched.firstIndex(where: { $0.number == number }) {
            watched[index].events |= events
        } else {
            watched.append(Watched(number: number, epoch: epoch, events: events))
        }
    }

    /// Has a turn as soon as this moment has come, within one or two milliseconds; the earliest of several counts.
    ///
    /// - Parameter moment: nanoseconds of the monotonic clock. One that has passed makes the next turn come immediately.
    package mutating func wake(at moment: Int64) {
        deadline = min(deadline ?? .max, moment)
    }
}
