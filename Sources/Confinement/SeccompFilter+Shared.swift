internal import LinuxSystem

extension SeccompFilter {
    /// A filter that several sandboxes use.
    package final class Shared {
        private let filter: SeccompFilter

        package init(_ filter: consuming SeccompFilter) {
            self.filter = filter
        }

        /// The memfd's number; it is open for as long as this object lives.
        package var number: Int32 { filter.program.number }

        /// How many instructions it holds.
        package var length: UInt32 { filter.length }
    }
}
