/// A message of a kernel, its parts as JSON: encoded once for all clients.
struct KernelMessage: Sendable, Equatable {
    let channel: MessageChannel
    let type: String
    let id: String
    let header: [UInt8]
    /// The header of the request that it answers; `{}` for none.
    let parent: [UInt8]
    let content: [UInt8]

    /// About what it takes in memory, in bytes.
    var cost: Int { header.count + parent.count + content.count + 256 }
}
