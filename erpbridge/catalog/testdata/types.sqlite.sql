CREATE TABLE kinds (
  c_char CHAR(5), c_varchar VARCHAR(10), c_nvarchar NVARCHAR(10), c_text TEXT, c_string STRING,
  c_tinyint TINYINT, c_smallint SMALLINT, c_int INT, c_bigint BIGINT, c_integer INTEGER,
  c_decimal DECIMAL(18,4), c_numeric NUMERIC, c_money MONEY, c_decimal_text TEXT, c_float FLOAT, c_real REAL, c_bit BIT,
  c_date DATE, c_datetime DATETIME, c_datetime2 DATETIME2(3), c_smalldatetime SMALLDATETIME, c_time TIME,
  c_varbinary VARBINARY(8), c_guid UNIQUEIDENTIFIER, c_must VARCHAR(4) NOT NULL DEFAULT 'x')
