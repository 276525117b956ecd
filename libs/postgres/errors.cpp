#include "libs/postgres/errors.hpp"

#include <string>

#include <pqxx/except>

namespace chatflow::postgres {
namespace {

// SQLSTATEs after which another attempt, perhaps on another server, may succeed.
bool says_unavailable(const std::string& state) {
    return state.starts_with("08")                                      // connection
           || state == "57P01" || state == "57P02" || state == "57P03"  // stops or starts
           || state == "53300"                                          // too many connections
           || state == "25006";                                         // a standby
}

}  // namespace

std::exception_ptr error_of(const std::string& sqlstate, const char* message) {
    if (says_unavailable(sqlstate)) return std::make_exception_ptr(Unavailable(message));
    if (sqlstate == "57014") return std::make_exception_ptr(Timeout(message));
    if (sqlstate == "23505") return std::make_exception_ptr(UniqueViolation(message));
    if (sqlstate == "40001" || sqlstate == "40P01") {
        return std::make_exception_ptr(SerializationFailure(message));
    }
    return std::make_exception_ptr(StatementError(message));
}

std::exception_ptr translated(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const pqxx::sql_error& failure) {
        return error_of(failure.sqlstate(), failure.what());
    } catch (const pqxx::broken_connection& failure) {
        return std::make_exception_ptr(Unavailable(failure.what()));
    } catch (const pqxx::in_doubt_error& failure) {
        return std::make_exception_ptr(Unavailable(failure.what()));
    } catch (const pqxx::failure& failure) {
        return std::make_exception_ptr(StatementError(failure.what()));
    } catch (...) {
        return error;
    }
}

}  // namespace chatflow::postgres
