/// Two ends of something: of a pipe (`first` reads, `second` writes), of a socket pair.
package struct DescriptorPair: ~Copyable, Sendable {
    package let first: OwnedDescriptor
    package let second: OwnedDescriptor

    package init(first: consuming OwnedDescriptor, second: consuming OwnedDescriptor) {
        self.first = first
        self.second = second
    }

    package consuming func takeFirst() -> OwnedDescriptor { first }
    package consuming func takeSecond() -> OwnedDescriptor { second }

    /// Hands both ends over.
    package consuming func split<Result>(
        _ body: (consuming OwnedDescriptor, consuming OwnedDescriptor) -> Result
    ) -> Result {
        body(first, second)
    }
}
