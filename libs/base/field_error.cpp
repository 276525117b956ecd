#include "libs/base/field_error.hpp"

namespace chatflow {

std::string to_string(const FieldErrors& errors) {
    std::string text;
    for (const FieldError& error : errors) {
        if (!text.empty()) text += "; ";
        text += error.path.empty() ? error.message : error.path + ": " + error.message;
    }
    return text;
}

}  // namespace chatflow
