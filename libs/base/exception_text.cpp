#include "libs/base/exception_text.hpp"

namespace chatflow {

std::string what_of(const std::exception_ptr& error) {
    if (!error) return "no error";
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& failure) {
        return failure.what();
    } catch (...) {
        return "not a std::exception";
    }
}

}  // namespace chatflow
