internal import Glibc

/// A file by where it lies on the disk.
private struct FileNumber: Hashable {
    let device: dev_t
    let number: ino_t
}

extension TreeDirectory {
    /// What removing the tree would free: the blocks of all files below it, each once, without those that have names
    /// elsewhere too.
    borrowing func usage() throws(ImageError) -> Int64 {
        var names: [FileNumber: (left: Int, bytes: Int64)] = [:]
        var bytes: Int64 = 0
        try measure(&names, &bytes)
        return bytes + names.values.reduce(0) { $0 + ($1.left == 0 ? $1.bytes : 0) }
    }

    private borrowing func measure(
        _ names: inout [FileNumber: (left: Int, bytes: Int64)], _ bytes: inout Int64
    ) throws(ImageError) {
        for name in try entries() {
            guard let status = try status(name) else { continue }
            let size = Int64(status.st_blocks) * 512
            if status.st_mode & S_IFMT == S_IFDIR {
                bytes += size
                try directory(name).measure(&names, &bytes)
            } else if status.st_nlink == 1 {
                bytes += size
            } else {
                let key = FileNumber(device: status.st_dev, number: status.st_ino)
                names[key, default: (Int(status.st_nlink), size)].left -= 1
            }
        }
    }
}
