package import Policies

extension GenerationRecord {
    /// The policies of this generation, read again; those that had errors then have them now.
    package var policySet: PolicySet {
        PolicySet.read(
            policies: policyFiles.map { (file: $0.path, text: $0.text) },
            groups: groupFiles.map { (file: $0.path, text: $0.text) },
            networks: networkFiles.map { (file: $0.path, text: $0.text) })
    }
}
