/// One member of a tar archive, as its headers describe it.
struct TarEntry: Equatable {
    enum Kind: Equatable {
        case file
        case directory
        case symbolicLink
        case hardLink
        /// A device node or a named pipe.
        case special
    }

    var kind: Kind
    /// Raw, unchecked: `TarPath` judges it.
    var path: [UInt8]
    /// What a link leads to, raw.
    var target: [UInt8]
    /// Bytes of content that follow the header; 0 for everything but files.
    var size: Int64
    var mode: UInt32
    /// Seconds since 1970.
    var modified: Int64
}
