/// Every limit of a sandbox, all present and all in range: there is no "unlimited".
///
/// Values are in the unit of `LimitName.unit`.
package struct Limits: Sendable, Hashable {
    private var values: [Int64]

    /// - Parameter value: the wanted value of each limit, in its unit, after unit conversion.
    /// - Throws: `InvalidLimit` for the first value outside `LimitName.range`.
    package init(_ value: (LimitName) -> Int64) throws(InvalidLimit) {
        var values: [Int64] = []
        for name in LimitName.allCases {
            let wanted = value(name)
            guard name.range.contains(wanted) else { throw InvalidLimit(name: name, found: wanted) }
            values.append(wanted)
        }
        self.values = values
    }

    package subscript(name: LimitName) -> Int64 {
        values[Self.index(of: name)]
    }

    /// The same limits with one of them changed.
    package func setting(_ name: LimitName, to value: Int64) throws(InvalidLimit) -> Limits {
        guard name.range.contains(value) else { throw InvalidLimit(name: name, found: value) }
        var copy = self
        copy.values[Self.index(of: name)] = value
        return copy
    }

    /// The same limits; each that follows another one gets its value from that one.
    ///
    /// - Parameter given: the limits that have a value of their own, which does not change.
    package func following(except given: Set<LimitName>) -> Limits {
        var copy = self
        for name in LimitName.allCases where !given.contains(name) {
            guard let leader = name.leader else { continue }
            copy.values[Self.index(of: name)] = name.following(copy[leader])
        }
        return copy
    }

    /// The same limits with those of `names` lowered to `ceiling` where they are above it.
    package func bounded(by ceiling: Limits, names: [LimitName]) -> Limits {
        var copy = self
        for name in names { copy.values[Self.index(of: name)] = min(self[name], ceiling[name]) }
        return copy
    }

    /// The first limit of `self` that is above that of `ceiling`, if any.
    package func exceeding(_ ceiling: Limits) -> LimitName? {
        LimitName.allCases.first { self[$0] > ceiling[$0] }
    }

    /// The largest possible limits; a warden's ceilings unless its configuration has others.
    package static let maximum: Limits = {
        // `range.upperBound` is in range by definition, so this cannot throw.
        do { return try Limits { $0.range.upperBound } } catch { preconditionFailure("upper bound out of range") }
    }()

    private static func index(of name: LimitName) -> Int {
        switch name {
        case .cpu: 0
        case .wall: 1
        case .idle: 2
        case .memory: 3
        case .stack: 4
        case .processes: 5
        case .output: 6
        case .disk: 7
        case .inodes: 8
        case .fileSize: 9
        case .openFiles: 10
        case .cpus: 11
        }
    }
}

/// A limit outside the values it may have.
package struct InvalidLimit: Error, Equatable, CustomStringConvertible {
    package let name: LimitName
    package let found: Int64

    package init(name: LimitName, found: Int64) {
        self.name = name
        self.found = found
    }

    package var description: String {
        "\(name.rawValue) is \(found) \(name.unit.rawValue), allowed is "
            + "\(name.range.lowerBound) to \(name.range.upperBound)"
    }
}
