#include "libs/async/log_failures.hpp"

#include <exception>
#include <utility>

namespace chatflow {

TaskGroup::ErrorHandler log_failures(Log log) {
    return [log = std::move(log)](const std::exception_ptr& error) {
        try {
            std::rethrow_exception(error);
        } catch (const std::exception& failure) {
            log.error("A background task ended", {{"error", failure.what()}});
        }
    };
}

}  // namespace chatflow
