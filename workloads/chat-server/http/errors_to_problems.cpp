#include "workloads/chat-server/http/errors_to_problems.hpp"

#include "libs/async/blocking_pool.hpp"
#include "libs/http/problem.hpp"
#include "libs/postgres/errors.hpp"
#include "workloads/chat-server/http/tracing.hpp"
#include "workloads/chat-server/io/file_store.hpp"

namespace chatflow::chat {
namespace {

http::Response try_again(std::string_view detail) {
    http::Response response = http::problem(503, detail);
    response.headers.emplace_back("Retry-After", "1");
    return response;
}

http::Response our_fault(const http::Request& request, const char* what, const Log& log) {
    log.error("A request failed", {{"method", http::name_of(request.method)},
                                   {"route", request.route},
                                   {"trace_id", trace_id_of(request)},
                                   {"error", what}});
    return http::problem(500, "The request failed for a reason on our side; it is in our log.");
}

}  // namespace

http::Response problem_of(const http::Request& request, const std::exception_ptr& error,
                          const Log& log) {
    try {
        std::rethrow_exception(error);
    } catch (const postgres::Unavailable&) {
        return try_again(
            "The database is not reachable. A message under way may have been "
            "stored: send it again with the same client_msg_id.");
    } catch (const postgres::Timeout&) {
        return try_again(
            "The database did not answer in time. A message under way may have been "
            "stored: send it again with the same client_msg_id.");
    } catch (const postgres::Overloaded&) {
        return try_again("Too many requests wait for the database.");
    } catch (const postgres::SerializationFailure&) {
        return try_again("Another request changed the same thing at the same moment.");
    } catch (const PoolOverloaded&) {
        return try_again("Too many requests of this kind at once.");
    } catch (const FileStoreError& failure) {
        log.error("The store of files failed",
                  {{"trace_id", trace_id_of(request)}, {"error", failure.what()}});
        return try_again("Files cannot be stored or read at the moment.");
    } catch (const std::exception& failure) {
        return our_fault(request, failure.what(), log);
    } catch (...) {
        return our_fault(request, "not an exception of the standard library", log);
    }
}

}  // namespace chatflow::chat
