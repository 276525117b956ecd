#pragma once

#include <string>

namespace chatflow::worker {

/// How the child process that decodes a picture ended.
struct ChildResult {
    enum class Status {
        Done,     // `text` is the small picture, a JPEG
        Refused,  // the picture cannot be used; `text` says why
        Failed,   // the child could not be run
    };

    Status status = Status::Failed;
    std::string text;
};

/// Runs this program once more, as `make-thumbnail`, with the file for its input. It may use
/// kChildMemoryMax of memory, kChildSecondsMax of CPU time, and write nothing but its output.
/// Blocks; never longer than kChildSecondsMax * 2.
[[nodiscard]] ChildResult run_thumbnail_child(const std::string& source, unsigned size);

inline constexpr unsigned long kChildMemoryMax = 512UL << 20U;  // address space, libraries included
inline constexpr unsigned kChildSecondsMax = 10;

}  // namespace chatflow::worker
