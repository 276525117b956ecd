#pragma once

namespace chatflow::cli {

/// What the program ends with; `kubectl chatflow --help` says the same.
enum class ExitCode : int {
    Ok = 0,
    BadInput = 1,     // a line, a file or an object that cannot be used
    Usage = 2,        // an argument that is not understood
    Unreachable = 3,  // the cluster, or the object in it, cannot be read
    CheckFailed = 4   // check found something wrong; explain's recomputation disagrees
};

}  // namespace chatflow::cli
