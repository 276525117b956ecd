#pragma once

#include <cstdint>

namespace chatflow::cli {

/// The units of times on the command line: s, m, h, d; 0 for any other letter.
[[nodiscard]] constexpr std::int64_t seconds_per(char unit) {
    switch (unit) {
        case 's':
            return 1;
        case 'm':
            return 60;
        case 'h':
            return 3600;
        case 'd':
            return 86'400;
        default:
            return 0;
    }
}

}  // namespace chatflow::cli
