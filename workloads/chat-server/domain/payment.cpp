#include "workloads/chat-server/domain/payment.hpp"

#include "workloads/chat-server/domain/body_fields.hpp"
#include "workloads/chat-server/domain/uuid.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace chatflow::chat {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::pair<PaymentState, std::string_view>, 6> kStates = {
    {{PaymentState::Review, "review"},
     {PaymentState::Processing, "processing"},
     {PaymentState::Failed, "failed"},
     {PaymentState::Rejected, "rejected"},
     {PaymentState::Succeeded, "succeeded"},
     {PaymentState::Refunded, "refunded"}}};

constexpr std::int64_t kAmountMax = 100'000'000;  // one million, of most currencies
constexpr std::int64_t kLargeAmount = 50'000;
constexpr std::int64_t kVeryLargeAmount = 500'000;
constexpr std::int64_t kLargeDay = 1'000'000;
constexpr std::int64_t kBusyHour = 5;
constexpr std::int64_t kRushedHour = 10;
constexpr std::int64_t kManyFailures = 3;
constexpr std::int64_t kNewAccountHours = 24;
constexpr int kReviewFrom = 40;
constexpr int kRefuseFrom = 80;

constexpr TextRule kCurrency{.least = 3, .most = 3, .characters = Characters::Identifier};
constexpr TextRule kMethod{.least = 1, .most = 128, .characters = Characters::Identifier};
constexpr TextRule kDescription{.least = 0, .most = 200};
constexpr TextRule kEventId{.least = 1, .most = 128, .characters = Characters::Identifier};
constexpr TextRule kEventType{.least = 1, .most = 64};
constexpr TextRule kFailure{.least = 0, .most = 500};
constexpr TextRule kNote{.least = 0, .most = 500};

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

Json json_of(const Payment& payment) {
    Json json{{"id", payment.id},
              {"user_id", payment.user_id},
              {"amount", payment.what.amount},
              {"currency", payment.what.currency},
              {"description", payment.what.description},
              {"state", to_string(payment.state)},
              {"created_at", payment.created_at},
              {"updated_at", payment.updated_at}};
    if (!payment.failure.empty()) json["failure"] = payment.failure;
    return json;
}

}  // namespace

std::string_view to_string(PaymentState state) {
    return std::ranges::find(kStates, state, &decltype(kStates)::value_type::first)->second;
}

std::optional<PaymentState> payment_state_named(std::string_view name) {
    const auto found = std::ranges::find(kStates, name, &decltype(kStates)::value_type::second);
    return found == kStates.end() ? std::nullopt : std::optional(found->first);
}

std::expected<NewPayment, FieldErrors> parse_new_payment(std::string_view body) {
    BodyFields fields(body);
    NewPayment payment;
    payment.amount = fields.sequence("amount").value_or(0);
    const bool is_amount = payment.amount >= 1 && payment.amount <= kAmountMax;
    if (fields.errors.empty() && !is_amount) {
        fields.errors.push_back({"amount", "must be a whole number from 1 to 100000000"});
    }
    payment.currency = fields.required("currency", kCurrency);
    if (fields.errors.empty() && !std::ranges::all_of(payment.currency, is_capital)) {
        fields.errors.push_back({"currency", "must be three capitals, as of ISO 4217"});
    }
    payment.method = fields.required("method", kMethod);
    payment.description = fields.optional("description", kDescription);
    fields.refuse_others({"amount", "currency", "method", "description"});
    if (!fields.errors.empty()) return std::unexpected(std::move(fields.errors));
    return payment;
}

RiskVerdict judge_risk(const NewPayment& payment, const PayerHistory& payer) {
    RiskVerdict verdict;
    const auto count = [&verdict](bool holds, int points, const char* reason) {
        if (!holds) return;
        verdict.score += points;
        verdict.reasons.emplace_back(reason);
    };
    const bool is_new = payer.account_age_hours < kNewAccountHours;
    count(payment.amount >= kVeryLargeAmount, 40, "very large amount");
    count(payment.amount >= kLargeAmount && payment.amount < kVeryLargeAmount, 15, "large amount");
    count(is_new, 15, "account of less than a day");
    count(is_new && payment.amount >= kLargeAmount, 20, "large amount from a new account");
    count(!payer.has_paid_before, 5, "first payment");
    count(payer.payments_last_hour >= kBusyHour, 25, "many payments within an hour");
    count(payer.payments_last_hour >= kRushedHour, 40, "very many payments within an hour");
    count(payer.failed_last_day >= kManyFailures, 30, "several payments failed within a day");
    count(payer.amount_last_day + payment.amount >= kLargeDay, 25, "large sum within a day");
    verdict.score = std::min(verdict.score, 100);
    if (verdict.score >= kRefuseFrom) {
        verdict.step = RiskVerdict::Step::Refuse;
    } else if (verdict.score >= kReviewFrom) {
        verdict.step = RiskVerdict::Step::Review;
    }
    return verdict;
}

std::string to_json(const Payment& payment) { return json_of(payment).dump(); }

std::string to_review_json(const Payment& payment) {
    Json json = json_of(payment);
    json["risk"] = {{"score", payment.risk_score},
                    {"reasons", Json::parse(payment.reasons, nullptr, false)}};
    return json.dump();
}

std::expected<PaymentEvent, FieldErrors> parse_payment_event(std::string_view body) {
    BodyFields fields(body);
    PaymentEvent event{.id = fields.required("id", kEventId),
                       .payment_id = fields.required("payment_id", kEventId),
                       .state = PaymentState::Processing,
                       .failure = fields.optional("failure", kFailure)};
    const std::string type = fields.required("type", kEventType);
    constexpr std::string_view kPrefix = "payment.";
    const auto state = type.starts_with(kPrefix)
                           ? payment_state_named(std::string_view(type).substr(kPrefix.size()))
                           : std::nullopt;
    if (fields.errors.empty() &&
        (!state || *state == PaymentState::Review || *state == PaymentState::Rejected)) {
        fields.errors.push_back(
            {"type", "must be payment.processing, .failed, .succeeded or .refunded"});
    }
    if (fields.errors.empty() && !is_uuid(event.payment_id)) {
        fields.errors.push_back({"payment_id", "must be the id of a payment"});
    }
    if (!fields.errors.empty()) return std::unexpected(std::move(fields.errors));
    event.state = *state;
    return event;
}

// What waits for people is theirs to decide; but money that has moved has moved, whatever they
// think.
bool is_news(PaymentState now, PaymentState told) {
    if (now == PaymentState::Review) {
        return told == PaymentState::Succeeded || told == PaymentState::Refunded;
    }
    return std::to_underlying(told) > std::to_underlying(now);
}

std::expected<PaymentReview, FieldErrors> parse_review(std::string_view body) {
    BodyFields fields(body);
    const std::string decision = fields.required("decision", {.least = 1, .most = 20});
    PaymentReview review{.is_approved = decision == "approve",
                         .note = fields.optional("note", kNote)};
    if (fields.errors.empty() && decision != "approve" && decision != "reject") {
        fields.errors.push_back({"decision", "must be approve or reject"});
    }
    fields.refuse_others({"decision", "note"});
    if (!fields.errors.empty()) return std::unexpected(std::move(fields.errors));
    return review;
}

}  // namespace chatflow::chat
