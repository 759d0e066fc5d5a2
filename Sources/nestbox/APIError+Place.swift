internal import RunModel

extension APIError {
    /// The same with the command that lists the names which an unknown one is not among. For errors about this machine: a service
    /// elsewhere has names of its own.
    var namingPlace: APIError {
        var error = self
        switch code {
        case .unknownLanguage: error.message += " ('nestbox image list' shows all)"
        case .unknownPolicy: error.message += " ('nestbox policy list' shows all)"
        default: break
        }
        return error
    }
}
