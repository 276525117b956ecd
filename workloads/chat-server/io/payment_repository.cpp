#include "workloads/chat-server/io/payment_repository.hpp"

#include "libs/postgres/reads.hpp"
#include "workloads/chat-server/io/audit.hpp"
#include "workloads/chat-server/io/job_outbox.hpp"
#include "workloads/chat-server/io/rows.hpp"
#include "workloads/chat-server/io/statements.hpp"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

constexpr auto kLockPayer = "SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE";

constexpr auto kPayerHistory = R"sql(
    SELECT count(p.id) FILTER (WHERE p.created_at > now() - interval '1 hour'),
        count(p.id) FILTER (WHERE p.state IN ('failed', 'rejected')
                            AND p.created_at > now() - interval '1 day'),
        coalesce(sum(p.amount) FILTER (WHERE p.currency = $2 AND p.state IN ('processing',
            'succeeded', 'review') AND p.created_at > now() - interval '1 day'), 0)::bigint,
        floor(extract(epoch FROM now() - u.created_at) / 3600)::bigint,
        count(p.id) FILTER (WHERE p.state = 'succeeded') > 0
    FROM users u LEFT JOIN payments p ON p.user_id = u.id WHERE u.id = $1
    GROUP BY u.created_at)sql";

constexpr auto kInsertPayment = R"sql(
    INSERT INTO payments (id, user_id, amount, currency, method, description, state, risk_score,
        risk_reasons, failure) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (id) DO NOTHING RETURNING 1)sql";

constexpr auto kPaymentColumns =
    "SELECT id, user_id, amount, currency, method, description, state, risk_score, risk_reasons, "
    "failure, created_at, updated_at FROM payments ";

constexpr auto kPutEvent =
    "INSERT INTO payment_events (id, payment_id, state, is_news) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (id) DO NOTHING RETURNING 1";

constexpr auto kSetState =
    "UPDATE payments SET state = $2, failure = $3, updated_at = clock_timestamp() WHERE id = $1";

constexpr auto kReviewSilent = R"sql(
    UPDATE payments SET state = 'review', failure = 'the gateway has not told how it ended',
        updated_at = clock_timestamp()
    WHERE id IN (SELECT id FROM payments WHERE state = 'processing'
        AND updated_at < clock_timestamp() - interval '1 day' ORDER BY updated_at LIMIT $1
        FOR UPDATE SKIP LOCKED))sql";

Payment payment_from(const pqxx::row& row) {
    return {.id = row[0].as<std::string>(),
            .user_id = row[1].as<std::string>(),
            .what = {.amount = row[2].as<std::int64_t>(),
                     .currency = row[3].as<std::string>(),
                     .method = row[4].as<std::string>(),
                     .description = row[5].as<std::string>()},
            .state = payment_state_named(row[6].view()).value_or(PaymentState::Review),
            .risk_score = row[7].as<int>(),
            .reasons = row[8].as<std::string>(),
            .failure = row[9].as<std::string>(),
            .created_at = rfc3339_of(row[10].view()),
            .updated_at = rfc3339_of(row[11].view())};
}

std::optional<Payment> find_payment(pqxx::transaction_base& query, const std::string& id,
                                    const char* lock) {
    const auto rows =
        query.exec(std::string(kPaymentColumns) + "WHERE id = $1" + lock, pqxx::params{id});
    if (rows.empty()) return std::nullopt;
    return payment_from(rows[0]);
}

PayerHistory history_of(pqxx::transaction_base& query, const std::string& user_id,
                        const std::string& currency) {
    const auto rows = query.exec(kPayerHistory, pqxx::params{user_id, currency});
    if (rows.empty()) return {};
    return {.payments_last_hour = rows[0][0].as<std::int64_t>(),
            .failed_last_day = rows[0][1].as<std::int64_t>(),
            .amount_last_day = rows[0][2].as<std::int64_t>(),
            .account_age_hours = rows[0][3].as<std::int64_t>(),
            .has_paid_before = rows[0][4].as<bool>()};
}

PaymentState first_state(RiskVerdict::Step step) {
    switch (step) {
        case RiskVerdict::Step::Allow:
            return PaymentState::Processing;
        case RiskVerdict::Step::Review:
            return PaymentState::Review;
        case RiskVerdict::Step::Refuse:
            break;
    }
    return PaymentState::Rejected;
}

// `round`: the worker keeps failed jobs, and an approved payment gets another one.
void put_charge(pqxx::transaction_base& transaction, const std::string& id,
                const std::string& round, const std::string& traceparent) {
    put_job(transaction, {.queue = "payments",
                          .name = "charge",
                          .job_id = "payment-" + id + "-" + round,
                          .data = R"({"paymentId":")" + id + "\"}",
                          .traceparent = traceparent});
}

// Of how it ended; each of these states is reached once.
void put_notification(pqxx::transaction_base& transaction, const Payment& payment,
                      std::string_view state) {
    const nlohmann::json data{{"userId", payment.user_id},
                              {"title", fmt::format("Payment {}", state)},
                              {"text", payment.what.description}};
    const auto replace = nlohmann::json::error_handler_t::replace;
    put_job(transaction, {.queue = "notifications",
                          .name = "payment",
                          .job_id = fmt::format("payment-{}-{}", payment.id, state),
                          .data = data.dump(-1, ' ', false, replace)});
}

}  // namespace

// Payments of one user take turns until the commit: of two at the same moment the second is judged
// with the first in its history.
awaitable<Payment> PaymentRepository::insert(std::string id, std::string user_id, NewPayment what,
                                             std::string traceparent, Deadline deadline) {
    auto insert = [id = std::move(id), user_id = std::move(user_id), what = std::move(what),
                   traceparent = std::move(traceparent)](pqxx::connection& connection) {
        pqxx::work transaction(connection);
        transaction.exec(kLockPayer, pqxx::params{user_id});
        const RiskVerdict risk = judge_risk(what, history_of(transaction, user_id, what.currency));
        const PaymentState state = first_state(risk.step);
        const std::string failure = state == PaymentState::Rejected ? "refused by risk rules" : "";
        const pqxx::params values{id,
                                  user_id,
                                  what.amount,
                                  what.currency,
                                  what.method,
                                  what.description,
                                  std::string(to_string(state)),
                                  risk.score,
                                  nlohmann::json(risk.reasons).dump(),
                                  failure};
        const bool is_new = !transaction.exec(kInsertPayment, values).empty();
        if (is_new && state == PaymentState::Processing) {
            put_charge(transaction, id, "first", traceparent);
        }
        auto made = find_payment(transaction, id, "");
        transaction.commit();
        return std::move(made).value();
    };
    return pool_.run(std::move(insert), deadline);
}

awaitable<std::optional<Payment>> PaymentRepository::find(std::string id, postgres::Lsn after_write,
                                                          Deadline deadline) {
    auto find = [id = std::move(id)](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        return find_payment(query, id, "");
    };
    return reads_.run(std::move(find), after_write, deadline);
}

awaitable<std::vector<Payment>> PaymentRepository::list(std::string user_id,
                                                        std::optional<std::string> after, int limit,
                                                        postgres::Lsn after_write,
                                                        Deadline deadline) {
    auto list = [user_id = std::move(user_id), after = std::move(after),
                 limit](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        const std::string whose =
            user_id.empty() ? "state = 'review' AND $1 = ''" : "user_id = $1::uuid";
        const std::string sql = std::string(kPaymentColumns) + "WHERE " + whose +
                                " AND id < coalesce($2::uuid, " + kGreatestUuid +
                                ") ORDER BY id DESC LIMIT $3";
        std::vector<Payment> payments;
        for (const auto& row : query.exec(sql, pqxx::params{user_id, after, limit + 1})) {
            payments.push_back(payment_from(row));
        }
        return payments;
    };
    return reads_.run(std::move(list), after_write, deadline);
}

awaitable<PaymentRepository::Told> PaymentRepository::tell(PaymentEvent event, Deadline deadline) {
    auto tell = [event = std::move(event), notifies = notifies_](pqxx::connection& connection) {
        pqxx::work transaction(connection);
        const auto payment = find_payment(transaction, event.payment_id, " FOR UPDATE");
        if (!payment) return Told::NoSuchPayment;
        const bool news = is_news(payment->state, event.state);
        const std::string state(to_string(event.state));
        const pqxx::params noted{event.id, event.payment_id, state, news};
        if (transaction.exec(kPutEvent, noted).empty()) return Told::Known;
        if (news) transaction.exec(kSetState, pqxx::params{event.payment_id, state, event.failure});
        if (news && notifies && event.state != PaymentState::Processing) {
            put_notification(transaction, *payment, state);
        }
        transaction.commit();
        return news ? Told::Applied : Told::NoNews;
    };
    return pool_.run(std::move(tell), deadline);
}

awaitable<void> PaymentRepository::ask_people(std::string id, std::string reason,
                                              Deadline deadline) {
    auto ask = [id = std::move(id), reason = std::move(reason)](pqxx::connection& connection) {
        pqxx::work transaction(connection);
        const auto payment = find_payment(transaction, id, " FOR UPDATE");
        if (!payment || payment->state != PaymentState::Processing) return;
        transaction.exec(kSetState, pqxx::params{id, "review", reason});
        transaction.commit();
    };
    return pool_.run(std::move(ask), deadline);
}

awaitable<int> PaymentRepository::ask_people_about_silent(Deadline deadline) {
    auto ask = [](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        const pqxx::params values{kSilentPiece};
        return static_cast<int>(query.exec(kReviewSilent, values).affected_rows());
    };
    return pool_.run(std::move(ask), deadline);
}

awaitable<std::optional<Payment>> PaymentRepository::decide(std::string id, PaymentReview review,
                                                            std::string by, std::string traceparent,
                                                            Deadline deadline) {
    auto decide = [id = std::move(id), review = std::move(review), by = std::move(by),
                   traceparent = std::move(traceparent),
                   notifies = notifies_](pqxx::connection& connection) -> std::optional<Payment> {
        pqxx::work transaction(connection);
        const auto payment = find_payment(transaction, id, " FOR UPDATE");
        if (!payment || payment->state != PaymentState::Review) return std::nullopt;
        const char* state = review.is_approved ? "processing" : "rejected";
        const std::string failure = review.is_approved ? "" : "rejected: " + review.note;
        transaction.exec(kSetState, pqxx::params{id, state, failure});
        auto decided = find_payment(transaction, id, "");
        if (review.is_approved) {
            std::string round = decided->updated_at;
            std::erase_if(round, [](char c) { return c < '0' || c > '9'; });
            put_charge(transaction, id, round, traceparent);
        } else if (notifies) {
            put_notification(transaction, *payment, state);
        }
        put_audit(transaction, {.actor = by,
                                .action = review.is_approved ? "payment.approve" : "payment.reject",
                                .target = id,
                                .details = nlohmann::json{{"note", review.note}}.dump()});
        transaction.commit();
        return decided;
    };
    return pool_.run(std::move(decide), deadline);
}

}  // namespace chatflow::chat
