#pragma once

#include <string>

namespace chatflow::objects {

/// A condition before it has a time.
struct Verdict {
    bool holds = false;
    std::string reason;
    std::string message;
    bool operator==(const Verdict&) const = default;
};

}  // namespace chatflow::objects
