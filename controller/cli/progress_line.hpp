#pragma once

#include <string>

namespace chatflow::cli {

/// One line on standard error that tells how far long work is; nothing where that is no terminal.
/// It is wiped when the object goes.
class ProgressLine {
 public:
    explicit ProgressLine(std::string what);
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    /// From 0 to 1.
    void show(double part);

 private:
    std::string what_;
    bool is_terminal_;
    int shown_ = -1;
};

}  // namespace chatflow::cli
