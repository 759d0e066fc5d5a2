internal import Glibc

/// Applies the layers of an image to a tree, one after the other (OCI image specification, layer changesets).
///
/// Every step goes through directory descriptors and follows no link, so an archive cannot reach out of the tree by
/// `..`, absolute names, links in the middle of a path or hard links. Owners, extended attributes and set-id bits are
/// not taken over; device nodes and pipes are passed over.
struct LayerExtractor: ~Copyable {
    private let root: TreeDirectory
    private let budget: ExtractionBudget
    private let cancellation: BuildCancellation
    /// What the current layer has put down: a whiteout only hides what lower layers brought.
    private var added: Set<TarPath> = []

    init(directory: String, budget: ExtractionBudget, cancellation: BuildCancellation) throws(ImageError) {
        root = try TreeDirectory(directory)
        self.budget = budget
        self.cancellation = cancellation
    }

    /// Applies one layer.
    ///
    /// - Throws: `badArchive` for anything malformed or hostile; the tree is then of no use.
    mutating func apply(_ source: any ByteSource) throws(ImageError) {
        added = []
        var reader = TarReader(source)
        while let entry = try reader.next() {
            try cancellation.check()
            try budget.spendEntry()
            let path = try TarPath(entry.path)
            guard let name = path.components.last else {
                guard entry.kind == .directory else { throw Self.hostile(path, "names the root itself") }
                continue
            }
            if name.starts(with: Whiteout.prefix) {
                try apply(Whiteout(name, in: path.parent))
            } else {
                try place(entry, path, name, &reader)
            }
        }
    }

    private static func hostile(_ path: TarPath, _ reason: String) -> ImageError {
        ImageError(.badArchive, "the archive's member \(path.text) \(reason)")
    }

    // MARK: - Members

    private mutating func place(
        _ entry: TarEntry, _ path: TarPath, _ name: [UInt8], _ reader: inout TarReader
    ) throws(ImageError) {
        guard entry.kind != .special else { return }
        let parent = try makeParent(of: path)
        let existing = try parent.status(name)
        if entry.kind == .directory {
            if let existing, existing.st_mode & S_IFMT == S_IFDIR {
                try parent.setMode(name, entry.mode & 0o1777)
            } else {
                try parent.remove(name)
                try parent.makeDirectory(name, mode: entry.mode & 0o1777)
            }
            added.insert(path)
            return
        }
        if entry.kind == .hardLink {
            try link(entry, path, name, in: parent)
        } else {
            try parent.remove(name)
            if entry.kind == .file {
                try write(&reader, to: name, in: parent)
                try parent.setMode(name, entry.mode & 0o777)
            } else {
                guard (1...TarPath.maximumBytes).contains(entry.target.count), !entry.target.contains(0) else {
                    throw Self.hostile(path, "is a link to an empty or overlong path")
                }
                // Wherever it leads: it is followed only inside a sandbox, whose root is this tree.
                try parent.makeLink(name, to: entry.target)
            }
            try parent.setTime(name, entry.modified)
        }
        added.insert(path)
    }

    private func write(
        _ reader: inout TarReader, to name: [UInt8], in parent: borrowing TreeDirectory
    ) throws(ImageError) {
        let file = try parent.makeFile(name)
        while true {
            let bytes = try reader.read(262_144)
            if bytes.isEmpty { return }
            try writeAll(bytes, to: file)
        }
    }

    /// Links a file that this or a lower layer has put down.
    private func link(
        _ entry: TarEntry, _ path: TarPath, _ name: [UInt8], in parent: borrowing TreeDirectory
    ) throws(ImageError) {
        let target = try TarPath(entry.target)
        guard target != path else { return }
        guard let last = target.components.last, let directory = try existing(target.parent),
            try directory.isFile(last)
        else { throw Self.hostile(path, "is a hard link to \(target.text), which is no file of the image") }
        try parent.remove(name)
        let (from, to) = (directory.descriptor.number, parent.descriptor.number)
        let result = directory.withName(last) { last in
            parent.withName(name) { linkat(from, last, to, $0, 0) }
        }
        guard result == 0 else { throw systemFailure("cannot link \(path.text)") }
    }

    // MARK: - Directories

    /// The directory a member belongs into, made with its parents where it is missing.
    private mutating func makeParent(of path: TarPath) throws(ImageError) -> TreeDirectory {
        var directory = try root.directory([0x2e])
        var walked = TarPath(components: [])
        for component in path.components.dropLast() {
            walked = walked.appending(component)
            if let status = try directory.status(component) {
                guard status.st_mode & S_IFMT == S_IFDIR else {
                    throw Self.hostile(path, "lies below \(walked.text), which is no directory")
                }
            } else {
                try directory.makeDirectory(component, mode: 0o755)
            }
            // On the way to something of this layer, hence of this layer too, named in it or not.
            added.insert(walked)
            directory = try directory.directory(component)
        }
        return directory
    }

    /// A directory that is there already; nil when a component is missing or no real directory.
    private func existing(_ path: TarPath) throws(ImageError) -> TreeDirectory? {
        var directory = try root.directory([0x2e])
        for component in path.components {
            guard try directory.isDirectory(component) else { return nil }
            directory = try directory.directory(component)
        }
        return directory
    }

    // MARK: - Whiteouts

    private func apply(_ whiteout: Whiteout) throws(ImageError) {
        switch whiteout {
        case .ignored: return
        case .name(let name, let parent):
            guard let directory = try existing(parent) else { return }
            let path = parent.appending(name)
            if !added.contains(path) {
                try directory.remove(name)
            } else if try directory.isDirectory(name) {
                let below = try directory.directory(name)
                try hide(below, path)
            }
        case .opaque(let path):
            guard let directory = try existing(path) else { return }
            try hide(directory, path)
        }
    }

    /// Removes what lower layers have put below a directory.
    private func hide(_ directory: borrowing TreeDirectory, _ path: TarPath) throws(ImageError) {
        for name in try directory.entries() {
            let child = path.appending(name)
            if !added.contains(child) {
                try directory.remove(name)
            } else if try directory.isDirectory(name) {
                let below = try directory.directory(name)
                try hide(below, child)
            }
        }
    }
}
