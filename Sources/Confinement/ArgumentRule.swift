internal import Glibc

/// A system call whose answer depends on its arguments: a table that is read from the top, and whose first line that
/// holds decides.
///
/// Every rule here holds for every sandbox, whatever its policy says: a policy chooses among the names of system calls, and
/// what is left of a call is decided here.
struct ArgumentRule: Sendable {
    let lines: [Line]
    /// The answer when no line holds.
    let otherwise: FilterAction

    /// An answer, and all that has to hold for it.
    struct Line: Sendable {
        let conditions: [Condition]
        let answer: FilterAction
    }

    /// A test of one half of one argument.
    ///
    /// The kernel takes nearly every argument named here as 32 bits, so only the low half is compared: a value with high
    /// bits set must not slip past a test of all 64 (CVE-2019-10063). Pointers are tested by both halves.
    struct Condition: Sendable {
        /// Which argument, from 0.
        let argument: UInt32
        var half = Half.low
        let test: Test
    }

    enum Half: UInt32, Sendable {
        case low = 0
        case high = 4
    }

    enum Test: Sendable {
        /// One of these values; the common ones first, since they are compared in this order.
        case oneOf([UInt32])
        /// None of these values.
        case noneOf([UInt32])
        /// None of these bits.
        case without(UInt32)
        /// One of these values once all other bits are cleared.
        case masked(UInt32, oneOf: [UInt32])
    }

    /// Lets through what one test of one argument finds.
    static func only(_ argument: UInt32, _ test: Test, otherwise: FilterAction) -> ArgumentRule {
        ArgumentRule(lines: [.allow(argument, test)], otherwise: otherwise)
    }

    /// The same answer whatever the arguments are.
    static func always(_ answer: FilterAction) -> ArgumentRule {
        ArgumentRule(lines: [], otherwise: answer)
    }
}

extension ArgumentRule.Line {
    static func allow(_ conditions: ArgumentRule.Condition...) -> ArgumentRule.Line {
        ArgumentRule.Line(conditions: conditions, answer: .allow)
    }

    static func allow(_ argument: UInt32, _ test: ArgumentRule.Test) -> ArgumentRule.Line {
        .allow(ArgumentRule.Condition(argument: argument, test: test))
    }
}

extension ArgumentRule.Condition {
    static func argument(_ number: UInt32, _ test: ArgumentRule.Test) -> ArgumentRule.Condition {
        ArgumentRule.Condition(argument: number, test: test)
    }
}

extension ArgumentRule {
    /// The rules for a network access, by system call. A call that is not here is judged by its name alone.
    ///
    /// `read`, `write` and the other calls that programs live on are not here: the kernel answers for a call that is let
    /// through whatever its arguments without running the filter at all.
    static func rules(loopback: Bool) -> [String: ArgumentRule] {
        [socketRules(loopback: loopback), fileRules(loopback: loopback), memoryRules, processRules].reduce(into: [:]) {
            $0.merge($1) { first, _ in first }
        }
    }
}
