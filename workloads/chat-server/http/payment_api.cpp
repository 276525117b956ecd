#include "workloads/chat-server/http/payment_api.hpp"

#include "workloads/chat-server/domain/cursor.hpp"
#include "workloads/chat-server/domain/uuid.hpp"
#include "workloads/chat-server/http/refusals.hpp"
#include "workloads/chat-server/http/tracing.hpp"

#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace chatflow::chat {
namespace {

using http::Request;
using http::Response;
using nlohmann::json;

constexpr const char* kSignatureHeader = "X-Chatflow-Signature";

Response no_such_payment() { return http::problem(404, "There is no such payment for you."); }

Response page_of_payments(std::vector<Payment> payments, int limit,
                          std::string (*to_text)(const Payment&)) {
    const bool has_more = std::cmp_greater(payments.size(), limit);
    if (has_more) payments.pop_back();
    std::string text = R"({"payments":[)";
    for (const Payment& payment : payments) {
        if (&payment != &payments.front()) text += ',';
        text += to_text(payment);
    }
    const std::string next =
        has_more ? json(encode_id_cursor(payments.back().id)).dump() : std::string("null");
    return http::json(200, text + R"(],"next":)" + next + "}");
}

Response bad_signature(WebhookVerdict verdict) {
    switch (verdict) {
        case WebhookVerdict::Malformed:
            return http::problem(400, "X-Chatflow-Signature must be t=<seconds>,v1=<HMAC-SHA256>.");
        case WebhookVerdict::Late:
            return http::problem(401, "The signature was made too long ago, or in the future.");
        case WebhookVerdict::Forged:
        case WebhookVerdict::Good:
            break;
    }
    return http::problem(401, "The signature is not that of this body.");
}

// The payment of a job: its own data's, or for a review that of the job which failed.
std::string payment_of(const json& job) {
    json data = job.value("data", json::object());
    if (data.is_object() && data.contains("data") && data["data"].is_string()) {
        data = json::parse(data["data"].get<std::string>(), nullptr, false);
    }
    if (!data.is_object() || !data.contains("paymentId") || !data["paymentId"].is_string()) {
        return {};
    }
    return data["paymentId"].get<std::string>();
}

std::string reason_of(const json& job) {
    const json data = job.value("data", json::object());
    if (!data.is_object() || !data.contains("reason") || !data["reason"].is_string()) return {};
    return data["reason"].get<std::string>();
}

}  // namespace

PaymentApi::PaymentApi(Clock& clock, PaymentRepository& payments, PaymentGateway& gateway,
                       const Secrets& secrets, Log log)
    : clock_(clock),
      payments_(payments),
      gateway_(gateway),
      secrets_(secrets),
      log_(std::move(log)) {}

void PaymentApi::add_routes(http::Router& router, Gate& gate, Idempotency& idempotency) {
    using enum http::Method;
    using Handler = awaitable<Response> (PaymentApi::*)(const Request&, const Identity&);
    const auto bound = [this](Handler member) {
        return [this, member](const Request& request, const Identity& who) {
            return (this->*member)(request, who);
        };
    };
    auto take = [this](const Request& request, const Identity& who, const Operation& operation) {
        return pay(request, who, operation);
    };
    router.add(Post, "/api/v1/payments", gate.members(idempotency.once(std::move(take))));
    router.add(Get, "/api/v1/payments", gate.members(bound(&PaymentApi::list)));
    router.add(Get, "/api/v1/payments/{payment}", gate.members(bound(&PaymentApi::show)));
    router.add(Get, "/api/v1/admin/payments", gate.admins(bound(&PaymentApi::list_reviews)));
    router.add(Put, "/api/v1/admin/payments/{payment}/review",
               gate.admins(bound(&PaymentApi::review)));
    router.add(
        Post, "/api/v1/webhooks/payments",
        gate.open(LimitName::Webhook, [this](const Request& request) { return webhook(request); }));
    router.add(Post, "/api/v1/internal/payment-jobs",
               [this](const Request& request) { return job(request); });
}

awaitable<Response> PaymentApi::pay(const Request& request, const Identity& who,
                                    const Operation& operation) {
    if (auto refusal = refuse_media_type(request)) co_return std::move(*refusal);
    auto wanted = parse_new_payment(request.body);
    if (!wanted) co_return bad_body(wanted.error());
    const Payment made = co_await payments_.insert(operation.id, who.user_id, std::move(*wanted),
                                                   traceparent_of(request), request.deadline);
    Response response = http::json(201, to_json(made));
    response.headers.emplace_back("Location", "/api/v1/payments/" + made.id);
    co_return response;
}

awaitable<Response> PaymentApi::show(const Request& request, const Identity& who) {
    if (auto refusal = refuse_id(request, "payment")) co_return std::move(*refusal);
    const auto payment = co_await payments_.find(std::string(request.parameter("payment")),
                                                 who.written, request.deadline);
    if (!payment) co_return no_such_payment();
    if (who.role == Role::Admin) co_return http::json(200, to_review_json(*payment));
    if (payment->user_id != who.user_id) co_return no_such_payment();
    co_return http::json(200, to_json(*payment));
}

awaitable<Response> PaymentApi::list(const Request& request, const Identity& who) {
    auto query = parse_rooms_query(page_parameters(request));
    if (!query) co_return bad_query(query.error());
    auto payments = co_await payments_.list(who.user_id, std::move(query->after), query->limit,
                                            who.written, request.deadline);
    co_return page_of_payments(std::move(payments), query->limit, to_json);
}

awaitable<Response> PaymentApi::list_reviews(const Request& request, const Identity& who) {
    auto query = parse_rooms_query(page_parameters(request));
    if (!query) co_return bad_query(query.error());
    auto payments = co_await payments_.list("", std::move(query->after), query->limit, who.written,
                                            request.deadline);
    co_return page_of_payments(std::move(payments), query->limit, to_review_json);
}

awaitable<Response> PaymentApi::review(const Request& request, const Identity& who) {
    if (auto refusal = refuse_id(request, "payment")) co_return std::move(*refusal);
    if (auto refusal = refuse_media_type(request)) co_return std::move(*refusal);
    auto review = parse_review(request.body);
    if (!review) co_return bad_body(review.error());
    const std::string id(request.parameter("payment"));
    const auto there = co_await payments_.find(id, postgres::kNewest, request.deadline);
    if (!there) co_return no_such_payment();
    const auto decided = co_await payments_.decide(id, std::move(*review), who.user_id,
                                                   traceparent_of(request), request.deadline);
    if (!decided) co_return http::problem(409, "The payment does not wait for a decision.");
    co_return http::json(200, to_review_json(*decided));
}

std::optional<Response> PaymentApi::refuse_unsigned(const Request& request) {
    const auto verdict = check_webhook(request.header(kSignatureHeader).value_or(""), request.body,
                                       secrets_, clock_.now());
    if (verdict == WebhookVerdict::Good) return std::nullopt;
    return bad_signature(verdict);
}

// What changes nothing is acknowledged too: the sender would only send it again.
awaitable<Response> PaymentApi::webhook(const Request& request) {
    if (auto refusal = refuse_unsigned(request)) co_return std::move(*refusal);
    auto event = parse_payment_event(request.body);
    if (!event) co_return bad_body(event.error());
    switch (co_await payments_.tell(std::move(*event), request.deadline)) {
        case PaymentRepository::Told::Applied:
            co_return http::json(200, R"({"effect":"applied"})");
        case PaymentRepository::Told::NoNews:
            co_return http::json(200, R"({"effect":"none, a later state is known"})");
        case PaymentRepository::Told::Known:
            co_return http::json(200, R"({"effect":"none, told before"})");
        case PaymentRepository::Told::NoSuchPayment:
            break;
    }
    co_return http::problem(404, "There is no such payment.");
}

// A job of the worker's queues: "payments" has it charged, "payments-review" has given up.
awaitable<Response> PaymentApi::job(const Request& request) {
    if (auto refusal = refuse_unsigned(request)) co_return std::move(*refusal);
    const json job = json::parse(request.body, nullptr, false);
    const std::string id = job.is_object() ? payment_of(job) : std::string();
    if (!is_uuid(id)) co_return bad_body({{"data.paymentId", "must be the id of a payment"}});
    const bool is_review = job.contains("name") && job["name"] == "review";
    if (!is_review) co_return co_await charge(id, request.deadline);
    co_await payments_.ask_people(id, reason_of(job), request.deadline);
    co_return http::json(200, R"({"state":"review"})");
}

// The answer is the worker's: 2xx is done, 503 and codes that may pass come again, others do not.
awaitable<Response> PaymentApi::charge(std::string id, Deadline deadline) {
    const auto payment = co_await payments_.find(id, postgres::kNewest, deadline);
    if (!payment) co_return no_such_payment();
    if (payment->state != PaymentState::Processing) {
        co_return http::json(200, json{{"state", to_string(payment->state)}}.dump());
    }
    const ChargeResult result = co_await gateway_.charge(*payment, deadline);
    switch (result.outcome) {
        case ChargeResult::Outcome::Succeeded:
            co_await payments_.tell({.id = "charge:" + id,
                                     .payment_id = id,
                                     .state = PaymentState::Succeeded,
                                     .failure = ""},
                                    deadline);
            co_return http::json(200, R"({"state":"succeeded"})");
        case ChargeResult::Outcome::Pending:
            co_return http::json(200, R"({"state":"processing"})");
        case ChargeResult::Outcome::Unavailable:
            co_return http::problem(503, "The payment gateway is not available.");
        case ChargeResult::Outcome::Refused:
            break;
    }
    log_.info("A payment was refused", {{"payment", id}, {"code", result.code}});
    co_return http::json(402, json{{"code", result.code}}.dump());
}

}  // namespace chatflow::chat
