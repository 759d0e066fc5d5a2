package import LinuxSystem
package import SandboxSpec

/// A compiled seccomp program in a sealed memfd, mapped by every sandbox of the same policy.
///
/// Default deny: a number that is not allowed, known or not, answers ENOSYS, so that C libraries fall back; a foreign ABI
/// (i386, x32) ends the process. clone3 is never let through, since a filter cannot read the flags that its pointer points to.
package struct SeccompFilter: ~Copyable {
    /// The memfd of `struct sock_filter`.
    package let program: OwnedDescriptor
    /// How many instructions it holds.
    package let length: UInt32

    /// The sandbox side maps at most this many (NESTBOX_MAXIMUM_FILTER; the kernel's own limit, BPF_MAXINSNS).
    package static let maximumLength = 4096

    /// Compiles and seals a filter.
    package static func compile(
        allowing names: [String], network: NetworkAccess, isObserved: Bool = false
    ) throws(FilterError) -> SeccompFilter {
        let instructions = try instructions(allowing: names, network: network, isObserved: isObserved)
        do {
            let program = try MemoryFile.sealed(instructions.flatMap(\.bytes), name: "nestbox-filter")
            return SeccompFilter(program: program, length: UInt32(instructions.count))
        } catch {
            throw .system(error)
        }
    }

    /// The program itself, for `compile` and for tests that evaluate it.
    ///
    /// - Parameters:
    ///   - names: system calls to let through, as Linux spells them.
    ///   - network: decides the socket families.
    ///   - isObserved: asks the listener in the place of every refusal, and about allowed calls that tell of files and destinations. A
    ///     foreign ABI ends the process all the same.
    package static func instructions(
        allowing names: [String], network: NetworkAccess, isObserved: Bool = false
    ) throws(FilterError) -> [BPFInstruction] {
        let rules = ArgumentRule.rules(loopback: network.hasSockets)
        var plain: Set<UInt32> = []
        var checked: [UInt32: ArgumentRule] = [:]
        for name in names {
            guard !NeverSyscalls.contains(name), name != "clone3" else { throw .forbiddenSyscall(name) }
            guard let number = syscallNumber(name) else { throw .unknownSyscall(name) }
            if let rule = rules[name] {
                checked[number] = rule
            } else {
                plain.insert(number)
            }
        }
        let program = FilterAssembler.assemble(
            plain: plain, rules: checked,
            observed: isObserved ? Set(ObservedCalls.names.compactMap { syscallNumber($0) }) : nil)
        guard program.count <= maximumLength else {
            throw .tooLong(instructions: program.count, allowed: maximumLength)
        }
        return program
    }
}
