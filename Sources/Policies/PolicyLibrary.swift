internal import Synchronization

/// The policies in force, from a directory that may change while the service runs.
///
/// Safe to use from any thread. `reload` reads files and so blocks; the look-ups never wait for it.
package final class PolicyLibrary: Sendable {
    package let directory: String
    private let state: Mutex<PolicySet>

    /// Loads the policies in `directory` and its groups in `directory/syscalls`.
    ///
    /// - Throws: all mistakes at once; there is no library with half its policies.
    package init(directory: String) throws(ConfigurationError) {
        self.directory = directory
        state = Mutex(try PolicySet.load(directory: directory))
    }

    /// All policies as they stand now.
    package var current: PolicySet { state.withLock { $0 } }

    /// The policy by this name, as it stands now.
    package func policy(named name: String) throws(UnknownPolicyError) -> Policy {
        try current.policy(named: name)
    }

    /// Reads the directory again. When it throws, nothing has changed.
    package func reload() throws(ConfigurationError) {
        // Outside the lock: nobody waits for a disk.
        let fresh = try PolicySet.load(directory: directory)
        state.withLock { $0 = fresh }
    }
}
