#include "controller/cli/bounded_lines.hpp"

namespace chatflow::cli {

BoundedLines::Got BoundedLines::next(std::string& line) {
    using Traits = std::streambuf::traits_type;
    line.clear();
    auto symbol = in_.sbumpc();
    if (Traits::eq_int_type(symbol, Traits::eof())) {
        return Got::End;
    }
    bool is_whole = true;
    for (; !Traits::eq_int_type(symbol, Traits::eof()); symbol = in_.sbumpc()) {
        const char letter = Traits::to_char_type(symbol);
        if (letter == '\n') {
            break;
        }
        if (line.size() < most_) {
            line.push_back(letter);
        } else {
            is_whole = false;
        }
    }
    if (!line.empty() && line.back() == '\r') {
        line.pop_back();
    }
    return is_whole ? Got::Line : Got::TooLong;
}

}  // namespace chatflow::cli
