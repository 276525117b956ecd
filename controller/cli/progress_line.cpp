#include "controller/cli/progress_line.hpp"

#include <cstdio>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace chatflow::cli {

ProgressLine::ProgressLine(std::string what)
    : what_(std::move(what)), is_terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
    if (shown_ >= 0) fmt::print(stderr, "\r\033[K");
}

void ProgressLine::show(double part) {
    const int percent = static_cast<int>(part * 100);
    if (!is_terminal_ || percent == shown_) return;
    shown_ = percent;
    fmt::print(stderr, "\r{}: {} %", what_, percent);
    static_cast<void>(std::fflush(stderr));
}

}  // namespace chatflow::cli
