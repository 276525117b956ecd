#include "workloads/chat-server/http/idempotency.hpp"

#include "libs/auth/sha256.hpp"
#include "libs/http/problem.hpp"
#include "libs/postgres/errors.hpp"
#include "workloads/chat-server/domain/idempotency_key.hpp"
#include "workloads/chat-server/io/random.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;
using http::Request;
using http::Response;

constexpr const char* kHeader = "Idempotency-Key";
// What was done is kept also when the request's own time is over.
constexpr auto kSettleTime = 2s;

Response bad_key(std::string_view objection) {
    return http::problem(400, "The Idempotency-Key cannot be used.",
                         {{kHeader, std::string(objection)}});
}

Response as_kept(const KeptAnswer& answer) {
    Response response = http::json(answer.status, answer.body);
    if (!answer.location.empty()) response.headers.emplace_back("Location", answer.location);
    return response;
}

Response still_running() {
    Response response =
        http::problem(409, "A request with this Idempotency-Key is being carried out.");
    response.headers.emplace_back("Retry-After", "1");
    return response;
}

KeptAnswer kept(const Response& response) {
    KeptAnswer answer{.status = response.status, .location = {}, .body = response.body};
    const auto location = std::ranges::find(response.headers, std::string_view("Location"),
                                            &std::pair<std::string_view, std::string>::first);
    if (location != response.headers.end()) answer.location = location->second;
    return answer;
}

}  // namespace

Idempotency::Idempotency(Clock& clock, IdempotencyStore& store, Log log)
    : clock_(clock), store_(store), log_(std::move(log)), ids_(random_seed()) {}

Gate::MemberHandler Idempotency::once(Maker maker, Repeater repeat) {
    return [this, maker = std::move(maker), repeat = std::move(repeat)](const Request& request,
                                                                        const Identity& who) {
        return pass(maker, repeat, request, who);
    };
}

awaitable<Response> Idempotency::pass(const Maker& maker, const Repeater& repeat,
                                      const Request& request, const Identity& who) {
    const auto key = request.header(kHeader);
    if (!key) {
        const Operation operation{.id = ids_.next(clock_.now())};
        co_return co_await maker(request, who, operation);
    }
    if (const auto objection = objection_to_key(*key)) co_return bad_key(*objection);
    const auto content_type = request.header("Content-Type").value_or("");
    KeyedRequest keyed{
        .owner = who.user_id,
        .key = std::string(*key),
        .fingerprint = auth::sha256_hex(text_to_compare(
            http::name_of(request.method), request.target, content_type, request.body))};
    const Claim claim = co_await store_.claim(keyed, ids_.next(clock_.now()), request.deadline);
    switch (claim.state) {
        case Claim::State::Running:
            co_return still_running();
        case Claim::State::Answered: {
            std::optional<Response> again;
            if (repeat) again = co_await repeat(request, who, claim.answer.location);
            if (!again) again = as_kept(claim.answer);
            again->headers.emplace_back("Idempotency-Replayed", "true");
            co_return std::move(*again);
        }
        case Claim::State::Different:
            co_return http::problem(422, "This Idempotency-Key belongs to another request.");
        case Claim::State::Ours:
            break;
    }
    co_return co_await carry_out(maker, request, who, std::move(keyed), claim.operation_id);
}

awaitable<Response> Idempotency::carry_out(const Maker& maker, const Request& request,
                                           const Identity& who, KeyedRequest keyed,
                                           std::string id) {
    Response response;
    std::exception_ptr error;
    try {
        const Operation operation{.id = std::move(id), .is_keyed = true};
        response = co_await maker(request, who, operation);
    } catch (...) {
        error = std::current_exception();
    }
    co_await settle(std::move(keyed), error ? nullptr : &response, Deadline::after(kSettleTime));
    if (error) std::rethrow_exception(error);
    co_return response;
}

// When nothing can be kept now, the claim ends by itself, and the operation's id sees to it that
// nothing is made twice.
awaitable<void> Idempotency::settle(KeyedRequest keyed, const Response* response,
                                    Deadline deadline) {
    try {
        if (response == nullptr || response->status >= 500) {
            co_await store_.let_go(std::move(keyed), deadline);
        } else if (response->status >= 400) {
            co_await store_.forget(std::move(keyed), deadline);
        } else {
            co_await store_.keep(std::move(keyed), kept(*response), deadline);
        }
    } catch (const postgres::Error& failure) {
        log_.warning("The answer to an Idempotency-Key was not kept", {{"error", failure.what()}});
    }
}

}  // namespace chatflow::chat
