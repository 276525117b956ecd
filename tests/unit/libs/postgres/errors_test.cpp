#include "libs/postgres/errors.hpp"

#include <string>

#include <gtest/gtest.h>
#include <pqxx/except>

namespace chatflow::postgres {
namespace {

template <class Expected>
bool is(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const Expected&) {
        return true;
    } catch (...) {
        return false;
    }
}

TEST(ErrorOf, TellsByTheSqlstateWhatARetryMayCure) {
    for (const char* state : {"08006", "57P01", "57P02", "57P03", "53300", "25006"}) {
        EXPECT_TRUE(is<Unavailable>(error_of(state, "m"))) << state;
    }
    EXPECT_TRUE(is<Timeout>(error_of("57014", "m")));
    EXPECT_TRUE(is<UniqueViolation>(error_of("23505", "m")));
    EXPECT_TRUE(is<SerializationFailure>(error_of("40001", "m")));
    EXPECT_TRUE(is<SerializationFailure>(error_of("40P01", "m")));
    for (const char* state : {"42601", "22P05", ""}) {
        EXPECT_TRUE(is<StatementError>(error_of(state, "m"))) << state;
    }
}

TEST(Translated, KeepsTheMessageAndLeavesForeignExceptions) {
    const auto lost = translated(std::make_exception_ptr(pqxx::broken_connection("gone")));
    EXPECT_TRUE(is<Unavailable>(lost));
    try {
        std::rethrow_exception(lost);
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "gone");
    }
    EXPECT_TRUE(is<std::out_of_range>(translated(std::make_exception_ptr(std::out_of_range("x")))));
}

}  // namespace
}  // namespace chatflow::postgres
