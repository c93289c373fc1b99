#include "stage/python_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atelier::stage {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;

// "" or "<line>: <what>".
std::string defect(const std::string& source) {
  const auto read = read_python(source);
  return read.defect ? std::to_string(read.defect->line) + ": " + read.defect->what : "";
}

TEST(PythonSource, what_no_interpreter_reads_is_told_with_its_line) {
  const std::pair<std::string, const char*> cases[] = {
      {"x = 1\ny = 'abc\nz = 1\n", "2: the string that begins here is not closed"},
      {"x = \"abc", "1: the string"},
      {"x = '''abc\n'' '\n\n", "1: the string"},
      {"x = 'a\\\nb\ny = 1\n", "1: the string"},
      {"x = f'abc\n", "1: the string"},
      {"x = (\n  1,\n", "1: the \"(\" is never closed"},
      {"x = [1\n)\n", "2: the \")\" does not match the \"[\" of line 1"},
      {"x = 1\n}\n", "2: the \"}\" closes nothing"},
      {"x = 1\n# \0\n"s, "2: has a NUL byte"},
      {"x = 1\ny = '\xff'\n", "2: has a string that is not valid UTF-8"},
      {"na\xc3me = 1\n", "1: is not valid UTF-8"},
      {"if x:\n        a\n    b\n", "3: is indented like no line above"},
      {"if x:\n        a\n\tb\n", "3: mixes tabs and spaces"},
      {"if x:\n\ta\n        b\n", "3: mixes tabs and spaces"},
      {"x = 1\n  y = 2\n", "2: is indented, and the line before opens no block"},
      {"  x = 1\n", "1: is indented"},
      {"def f():\nx = 1\n", "2: an indented block is expected"},
      {"def f():\n  # nothing\n", "3: the file ends where an indented block"},
      {"x = 1 + \\ \n  2\n", "1: has something after a backslash"},
      {std::string(201, '('), "1: has more than 200 brackets open"},
      {"\xEF\xBB\xBFx = (\n", "1: the \"(\""},
      {"x = 1\r\ny = 'a\r\n", "2: the string"},
  };
  for (const auto& [source, expected] : cases) EXPECT_THAT(defect(source), HasSubstr(expected)) << source;
}

TEST(PythonSource, what_any_version_reads_is_no_defect) {
  const std::string cases[] = {
      "",
      "\n\n",
      "x = 1",
      "if x:\n  a\n  \n# comment\n   # comment\n  b\nc\n",
      "if x:\n\ta\n\tif y:\n\t\tb\n\tc\n",
      "if x: pass\nelse: pass\n",
      "class A:\n  def f(self) -> int:  # why\n\n    return (1,\n2)\n",
      "x = {\n'a': [1,\n2], 'b': (3)}\n",
      "s = 'it\\'s' \"it's\" '''it's\n\"fine\"''' \"\"\"a\"b\\\"\"\"\"\n",
      "s = r'\\' 'a'\nt = 1\n"s.substr(0, 0) + "s = r'\\\\'\n",
      "x = 'a\\\nb'\n",
      "x = 1 + \\\n  2\n",
      "x = 'a\\\r\nb'\r\nif x:\r\n  y\r\n",
      "# comment with ' and ( and \xff\nx = 1\n",
      "f = f'{x}' f\"{x!r:>{width}}\" f'{{' f'}}' f'{d[\"a\"]}' rf'\\{x}' f'{n:#06x}'\n",
      "f = f'''{\n x\n}'''\n",
      "\f\nif x:\n\f  a\n",
      "x = 1; \\\ny = 2\n",
      "match x:\n  case 1:\n    pass\n",
      "print \"python 2, which is a matter of grammar\"\n",
      "x = yield\nlambda: 0\n",
  };
  for (const std::string& source : cases) EXPECT_EQ(defect(source), "") << source;
}

TEST(PythonSource, where_versions_differ_nothing_is_said) {
  const std::string cases[] = {
      "x = f'{d['a']}'\ny = (\n",     // since 3.12
      "x = f'{\n1}'\n",               // since 3.12
      "x = f\"{'}' + \"x\"}\"\n",     // since 3.12
      "x = f'{x # comment }'\n}'\n",  // since 3.12
      "x = f\"{'\\n'.join(x)}\"\n",   // since 3.12
      "x = f'{f'{x}'}'\n",            // since 3.12
      "# -*- coding: latin-1 -*-\nx = '\xff'\n",
      "#!/usr/bin/python\n# vim: fileencoding=cp1252\nx = '\xff'\n",
      "# decoding notes; coding: latin-1\nx = '\xff'\n",
      "# coding: utf-8, not coding=latin-1\nx = (\n",  // CPython goes by the first
      "x = 1\ry = (\n",
      "if x:\n  \\\n  y\n (",
  };
  for (const std::string& source : cases) {
    EXPECT_EQ(defect(source), "") << source;
    EXPECT_FALSE(read_python(source).certain) << source;
  }
}

TEST(PythonSource, utf8_declared_is_no_other_encoding) {
  EXPECT_THAT(defect("# -*- coding: utf-8 -*-\nx = (\n"), HasSubstr("2: the \"(\""));
  EXPECT_THAT(defect("# vim: set fileencoding=utf-8 :\nx = (\n"), HasSubstr("2: the \"(\""));
  EXPECT_THAT(defect("# encoding the data\nx = (\n"), HasSubstr("2: the \"(\""));
  for (const char* name : {"utf8", "UTF_8", "utf-8-sig", "utf-8-unix", "ascii", "us-ascii"}) {
    EXPECT_THAT(defect(std::string("# -*- coding: ") + name + " -*-\nx = (\n"), HasSubstr("2: the \"(\"")) << name;
  }
  EXPECT_EQ(defect("# coding: utf-80\nx = (\n"), "");
}

TEST(PythonSource, tokens_are_those_of_the_source) {
  const std::string source = "@dag(a='b')  # c\ndef f(\n):\n  pass\n";
  std::string out;
  for (const PythonToken& token : read_python(source).tokens) {
    out += token.kind == PythonToken::Kind::line_end ? "|" : std::string(token.text) + " ";
  }
  EXPECT_EQ(out, "@ dag ( a = 'b' ) |def f ( ) : |pass |");
}

}  // namespace
}  // namespace atelier::stage
