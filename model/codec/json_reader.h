// JsonReader: the interpreter behind read_json. Internal to model/codec.
#pragma once
#include <array>

#include "model/codec/json_lexer.h"
#include "model/codec/json_read.h"

namespace orrery::codec {

/// One read of one text. Errors of type are kept (the first counts) while reading goes on, because an error
/// of grammar further on outranks them.
class JsonReader {
 public:
  JsonReader(std::string_view text, const ReadOptions& options, ReadReport* report);
  base::Status run(const api::Type& type, void* value);

 private:
  /// Where the reader is: links on the stack, joined to a text only for a message.
  struct Place {
    const Place* parent = nullptr;
    std::string_view name;             // a field or a key of a map
    std::int64_t index = -1;           // an element
    const api::Type* owner = nullptr;  // the struct `name` is a field of; null for keys and elements
  };
  struct Found {
    const api::Field* field = nullptr;
    void* member = nullptr;
    std::uint32_t ordinal = 0;  // position among all fields, inlined ones included
  };
  /// The fields met so far of one struct.
  using Seen = std::array<std::uint64_t, 4>;

  bool read(const api::Type& type, void* value, const Place& at);
  bool read_scalar(const api::Type& type, void* value, char first, const Place& at);
  bool read_number(const api::Type& type, void* value, const Place& at);
  bool read_string(const api::Type& type, void* value, const Place& at);
  bool read_struct(const api::Type& type, void* value, const Place& at);
  bool read_list(const api::Type& type, void* value, const Place& at);
  bool read_map(const api::Type& type, void* value, const Place& at);
  bool read_null(const api::Type& type, void* value);
  bool read_type_name(std::string_view key);
  bool read_custom(const api::Type& type, void* value, std::string_view text, bool quoted, const Place& at);

  static Found find(const api::Type& type, void* value, std::string_view key, std::uint32_t& hint);
  static bool find_in(const api::Type& type, void* value, std::string_view key, std::uint32_t& ordinal,
                      Found& found);

  bool mismatch(std::string_view what, const api::Type& type, const Place& at);
  /// From a type with its own reader: outranks mismatches.
  bool custom_error(const std::string& message);
  bool wrong_bracket(const api::Type& type, void* value, char first, const Place& at);
  void problem(const char* what, const Place& at, std::string_view name);
  static void append_path(const Place& at, std::string& out);

  JsonLexer lexer_;
  const ReadOptions& options_;
  ReadReport* report_;
  std::vector<std::string> problems_;
  std::string type_error_;
  std::size_t type_error_at_ = 0;
  bool custom_failed_ = false;
};

}  // namespace orrery::codec
